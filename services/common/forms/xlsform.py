"""Forms in and out as XLSForm (https://xlsform.org): what Kobo and ODK write and read.

``pyxform`` reads a workbook and finds what is wrong with it. What it has read becomes a definition
in wire form, so a form from a workbook passes the same checks as any other. Of the expressions only
those are taken that a condition or a limit can say; a form that would ask something else than its
workbook is refused instead, naming the row.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from openpyxl import Workbook
from pyxform.errors import PyXFormError
from pyxform.xls2json import workbook_to_json
from pyxform.xls2json_backends import get_xlsform

from services.common.contracts.form_words import Kind, Operator
from services.common.contracts.forms_errors import XLSFORM_UNREADABLE, XLSFORM_UNSUPPORTED
from services.common.errors import FieldError
from services.common.forms.definition import MOST_LEVELS
from services.common.forms.questions import (
    NOT_APPLICABLE,
    WITH_CHOICES,
    Choice,
    Condition,
    Form,
    Name,
    Question,
)
from services.common.languages import DEFAULT_LANGUAGE, LANGUAGES, english_name_of

Json = dict[str, Any]

LARGEST_FILE = 2 * 1024 * 1024
#: A workbook is a zip file, which may hold far more than its size.
LARGEST_UNPACKED = 32 * 1024 * 1024

_LANGUAGES: Mapping[str, str] = {each: f"{english_name_of(each)} ({each})" for each in LANGUAGES}
_CODE = re.compile(r"\(([a-z]{2,3})\)\s*\Z")

_KINDS: Mapping[str, Kind] = {
    "text": Kind.TEXT,
    "string": Kind.TEXT,
    "integer": Kind.INTEGER,
    "int": Kind.INTEGER,
    "decimal": Kind.DECIMAL,
    "date": Kind.DATE,
    "select one": Kind.CHOICE,
    "select all that apply": Kind.CHOICES,
    "range": Kind.SCALE,
    "note": Kind.NOTE,
}
#: What a workbook records about the device, not about the respondent's answers.
_IGNORED = frozenset(
    {"start", "end", "today", "deviceid", "username", "phonenumber", "simserial", "audit"}
)

_NAME = r"\$\{\s*([A-Za-z][\w.-]*)\s*\}"
_LITERAL = r"""('[^']*'|"[^"]*"|-?\d+(?:\.\d+)?)"""
_COMPARED = re.compile(rf"\A{_NAME}\s*(=|!=|>=|<=|>|<)\s*{_LITERAL}\Z")
_SELECTED = re.compile(rf"\Aselected\(\s*{_NAME}\s*,\s*{_LITERAL}\s*\)\Z")
_BOUND = re.compile(r"\A\.\s*(>=|<=)\s*(-?\d+(?:\.\d+)?)\Z")
_LENGTH = re.compile(r"\Astring-length\(\s*\.\s*\)\s*<=\s*(\d+)\Z")
_AND = re.compile(r"\s+and\s+")
_OPERATORS: Mapping[str, Operator] = {
    "=": Operator.EQUALS,
    "!=": Operator.DIFFERS,
    ">=": Operator.AT_LEAST,
    "<=": Operator.AT_MOST,
}


class _Unsupported(Exception):
    """Something in a row that forms here do not have."""


# -- in --------------------------------------------------------------------------------------------


def definition_of(workbook: bytes) -> Json:
    """The definition, in wire form, that an XLSForm workbook (.xlsx) describes.

    Groups become notes, and their condition that of each question in them.

    Raises:
        errors.Invalid: ``forms.xlsform_unreadable`` or ``forms.xlsform_unsupported``.
    """
    _check_size(workbook)
    try:
        form = workbook_to_json(get_xlsform(xlsform=workbook, file_type=".xlsx"), form_name="form")
    except (PyXFormError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise _unreadable(str(error)) from error
    faults: list[FieldError] = []
    questions = list(_questions(form["children"], (), faults))
    if faults:
        raise XLSFORM_UNSUPPORTED(errors=faults)
    _fit_conditions(questions)
    return {"title": _localised(form.get("title") or form["id_string"]), "questions": questions}


def _fit_conditions(questions: list[Json]) -> None:
    """Say each condition as its question needs it: XLSForm writes levels as texts, and asks of a
    single choice whether it is selected."""
    kinds = {question["id"]: question["kind"] for question in questions}
    for question in questions:
        for condition in question["shown_if"]:
            kind = kinds.get(condition["question_id"])
            if kind == Kind.CHOICE and condition["operator"] == Operator.INCLUDES:
                condition["operator"] = Operator.EQUALS.value
            if kind == Kind.SCALE and condition["value"] != NOT_APPLICABLE:
                condition["value"] = _number(str(condition["value"]))


def _check_size(workbook: bytes) -> None:
    if len(workbook) > LARGEST_FILE:
        raise _unreadable(f"The file has more than {LARGEST_FILE} bytes.")
    try:
        with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
            unpacked = sum(each.file_size for each in archive.infolist())
    except zipfile.BadZipFile as error:
        raise _unreadable("Not an .xlsx workbook.") from error
    if unpacked > LARGEST_UNPACKED:
        raise _unreadable(f"The workbook unpacks to more than {LARGEST_UNPACKED} bytes.")


def _unreadable(reason: str) -> Exception:
    fault = FieldError("/file", XLSFORM_UNREADABLE.code, reason[:500])
    return XLSFORM_UNREADABLE(errors=[fault])


def _questions(
    rows: Iterable[Json], conditions: tuple[Json, ...], faults: list[FieldError]
) -> Iterator[Json]:
    for row in rows:
        kind, name = str(row["type"]), str(row["name"])
        if kind in _IGNORED or name == "meta":
            continue
        try:
            shown_if = (*conditions, *_conditions(row))
            if kind == "group":
                if row.get("label"):
                    yield _question(row, Kind.NOTE, shown_if)
                yield from _questions(row.get("children", ()), shown_if, faults)
            elif kind in _KINDS:
                yield _question(row, _KINDS[kind], shown_if)
            else:
                raise _Unsupported(f"type {kind}")
        except _Unsupported as error:
            faults.append(FieldError(f"/survey/{name}", XLSFORM_UNSUPPORTED.code, str(error)))


def _question(row: Json, kind: Kind, shown_if: tuple[Json, ...]) -> Json:
    bind, parameters = row.get("bind", {}), row.get("parameters", {})
    if "calculate" in bind or row.get("default") or row.get("choice_filter"):
        raise _Unsupported("calculation, default or choice_filter")
    if kind is Kind.TEXT and "multiline" in str(row.get("control", {}).get("appearance", "")):
        kind = Kind.PARAGRAPH
    question: Json = {
        "id": row["name"],
        "kind": kind.value,
        "label": _localised(row.get("label") or row["name"]),
        "required": bind.get("required") in ("yes", "true()"),
        "shown_if": list(shown_if),
        "identifying": bind.get("identifying") in ("yes", "true()"),
        **_limits(bind),
    }
    if row.get("hint"):
        question["hint"] = _localised(row["hint"])
    if kind in WITH_CHOICES:
        question["choices"] = [
            {"id": str(each["name"]), "label": _localised(each.get("label") or each["name"])}
            for each in row["choices"]
        ]
        _become_scale(question)
    elif kind is Kind.SCALE:
        if str(parameters.get("step", "1")) not in ("1", "1.0"):
            raise _Unsupported("a range whose step is not 1")
        question["minimum"] = _number(str(parameters.get("start", "1")))
        question["maximum"] = _number(str(parameters.get("end", "10")))
    return question


def _become_scale(question: Json) -> None:
    """Make a single choice among consecutive numbers the scale that it is."""
    ids = [each["id"] for each in question["choices"]]
    levels = [int(each) for each in ids if re.fullmatch(r"-?\d{1,3}", each)]
    others = [each for each in ids if not re.fullmatch(r"-?\d{1,3}", each)]
    consecutive = levels == list(range(levels[0], levels[0] + len(levels))) if levels else False
    if (
        question["kind"] == Kind.CHOICE
        and consecutive
        and 2 <= len(levels) <= MOST_LEVELS
        and others in ([], [NOT_APPLICABLE])
    ):
        question.update(
            kind=Kind.SCALE.value,
            minimum=levels[0],
            maximum=levels[-1],
            not_applicable=bool(others),
            choices=[each for each in question["choices"] if each["id"] not in others],
        )


def _localised(text: Any) -> Json:
    """A text by language; one without a language is Arabic, as every name is."""
    if not isinstance(text, Mapping):
        return {DEFAULT_LANGUAGE: str(text)}
    found = {
        match[1] if (match := _CODE.search(name)) else DEFAULT_LANGUAGE: str(each)
        for name, each in text.items()
    }
    if DEFAULT_LANGUAGE not in found:
        found[DEFAULT_LANGUAGE] = next(iter(found.values()))
    return found


def _conditions(row: Json) -> Iterator[Json]:
    expression = str(row.get("bind", {}).get("relevant", "")).strip()
    for part in _AND.split(expression) if expression else ():
        if match := _SELECTED.match(part):
            operator = Operator.INCLUDES
            name, literal = match[1], match[2]
        elif (match := _COMPARED.match(part)) and match[2] in _OPERATORS:
            operator = _OPERATORS[match[2]]
            name, literal = match[1], match[3]
        else:
            raise _Unsupported(f"relevant: {part}")
        yield {"question_id": name, "operator": operator.value, "value": _literal(literal)}


def _limits(bind: Json) -> Json:
    limits: Json = {}
    expression = str(bind.get("constraint", "")).strip()
    for part in _AND.split(expression) if expression else ():
        if match := _BOUND.match(part):
            limits["minimum" if match[1] == ">=" else "maximum"] = _number(match[2])
        elif match := _LENGTH.match(part):
            limits["max_length"] = int(match[1])
        else:
            raise _Unsupported(f"constraint: {part}")
    return limits


def _literal(text: str) -> str | int | float:
    return text[1:-1] if text[0] in "'\"" else _number(text)


def _number(text: str) -> int | float:
    try:
        number = float(text)
    except ValueError as error:
        raise _Unsupported(f"not a number: {text}") from error
    return int(number) if number.is_integer() else number


# -- out -------------------------------------------------------------------------------------------

_SURVEY = (
    *("type", "name", "required", "relevant", "constraint", "parameters", "appearance"),
    # Other tools carry an attribute that they do not know along with the question.
    "bind::identifying",
)
_TYPES: Mapping[Kind, str] = {
    Kind.TEXT: "text",
    Kind.PARAGRAPH: "text",
    Kind.INTEGER: "integer",
    Kind.DECIMAL: "decimal",
    Kind.DATE: "date",
    Kind.CHOICE: "select_one",
    Kind.CHOICES: "select_multiple",
    Kind.NOTE: "note",
}


def workbook_of(form: Form) -> bytes:
    """The form as an XLSForm workbook (.xlsx).

    A scale becomes a choice of its levels, so that each level's text and "not applicable" are seen;
    a condition on it compares the level's number.
    """
    book = Workbook()
    survey, choices = book.active, book.create_sheet("choices")
    assert survey is not None
    survey.title = "survey"
    labels = [f"label::{name}" for name in _LANGUAGES.values()]
    hints = [f"hint::{name}" for name in _LANGUAGES.values()]
    survey.append([*_SURVEY, *labels, *hints])
    choices.append(["list_name", "name", *labels])
    by_id = {question.id: question for question in form.questions}
    for question in form.questions:
        offered = _offered(question)
        kind = _TYPES.get(question.kind, "select_one")
        survey.append(
            [
                f"{kind} {question.id}" if offered else kind,
                question.id,
                "yes" if question.required else "",
                " and ".join(_relevant(each, by_id) for each in question.shown_if),
                " and ".join(_constraint(question)),
                "",
                "multiline" if question.kind is Kind.PARAGRAPH else "",
                "yes" if question.identifying else "",
                *_by_language(question.label),
                *_by_language(question.hint or {}),
            ]
        )
        for choice in offered:
            choices.append([question.id, choice.id, *_by_language(choice.label)])
    settings = book.create_sheet("settings")
    settings.append(["form_title", "form_id", "version", "default_language"])
    settings.append(
        [form.title[DEFAULT_LANGUAGE], form.id, str(form.edition), _LANGUAGES[DEFAULT_LANGUAGE]]
    )
    # A cell that begins with = would be a formula: these are texts of people, and expressions.
    for sheet in book.worksheets:
        for cells in sheet.iter_rows():
            for cell in cells:
                if cell.data_type == "f":
                    cell.data_type = "s"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _offered(question: Question) -> list[Choice]:
    if question.kind is not Kind.SCALE:
        return list(question.choices)
    assert question.minimum is not None
    assert question.maximum is not None
    named = {choice.id: choice for choice in question.choices}
    levels = [str(each) for each in range(int(question.minimum), int(question.maximum) + 1)]
    offered = [named.get(each, Choice(each, {"ar": each, "en": each})) for each in levels]
    if question.not_applicable:
        offered.append(Choice(NOT_APPLICABLE, {"ar": "لا ينطبق", "en": "Not applicable"}))
    return offered


def _by_language(name: Name) -> list[str]:
    return [name.get(code, "") for code in _LANGUAGES]


def _relevant(condition: Condition, questions: Mapping[str, Question]) -> str:
    name, value = f"${{{condition.question_id}}}", condition.value
    as_text = isinstance(value, str) or (
        questions[condition.question_id].kind is Kind.SCALE
        and condition.operator in (Operator.EQUALS, Operator.DIFFERS)
    )
    literal = f"'{value}'" if as_text else str(value)
    if condition.operator is Operator.INCLUDES:
        return f"selected({name}, {literal})"
    sign = next(sign for sign, each in _OPERATORS.items() if each is condition.operator)
    return f"{name} {sign} {literal}"


def _constraint(question: Question) -> Iterator[str]:
    if question.kind is Kind.SCALE:
        return
    if question.minimum is not None:
        yield f". >= {question.minimum}"
    if question.maximum is not None:
        yield f". <= {question.maximum}"
    if question.max_length is not None:
        yield f"string-length(.) <= {question.max_length}"
