"""Every text of a request obeys the same rules, and every fault has words of its own."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from types import FunctionType
from typing import Any

import pytest
from marshmallow import Schema, ValidationError, fields, validate

import gateway.api
import services.common.contracts
from docs.generate import machines
from gateway.web import problems
from gateway.web.schemas import EquipmentNeeds, Features
from services.common import errors, field_errors
from services.common.contracts.bookings.closures import Reason
from services.common.contracts.fields import StrictSchema, Text, Zone
from services.common.contracts.trainings.application_errors import NOT_ELIGIBLE
from services.common.contracts.trainings.applications import FAILURE_CODES
from services.common.languages import LANGUAGES
from tests.architecture.project import ROOT

# Secrets, positions and lists of names: no person reads them as a text.
NO_TEXTS = {
    "TokenRequest.password",
    "TokenRequest.client_secret",
    "TokenRequest.refresh_token",
    "ChangePassword.current_password",
    "ChangePassword.new_password",
    "RevokeRequest.refresh_token",
    "EraseMe.password",
    # Looked for as it is stored.
    "ExportPerson.email",
}
NO_TEXTS_OF_QUERIES = {"fields_", "cursor"}
CONSTRAINED = (validate.OneOf, validate.Regexp, validate.Equal)
RANGES = (
    {"min": 1},
    {"max": 5},
    {"min": 1, "max": 5},
)


def _modules() -> Iterator[Any]:
    yield import_module("gateway.web.schemas")
    yield import_module("gateway.web.membership_schemas")
    for package in (services.common.contracts, gateway.api):
        for found in walk_packages(package.__path__, f"{package.__name__}."):
            yield import_module(found.name)


def _requests() -> dict[str, type[Schema]]:
    found = {
        value.__name__: value
        for module in _modules()
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, StrictSchema)
    }
    for module in _modules():
        for view in vars(module).values():
            declared = vars(view).get("declaration") if isinstance(view, FunctionType) else None
            for schema in (declared.body, declared.query) if declared else ():
                assert schema is None or issubclass(schema, StrictSchema), schema
    return found


REQUESTS = _requests()


def _within(name: str, field: fields.Field[Any]) -> Iterator[tuple[str, fields.Field[Any]]]:
    """The field and all that it is made of; what is nested is walked with its own schema."""
    yield name, field
    if isinstance(field, fields.List):
        yield from _within(name, field.inner)
    if isinstance(field, fields.Dict):
        if field.key_field is not None:
            yield from _within(f"{name}.key", field.key_field)
        if field.value_field is not None:
            yield from _within(name, field.value_field)
    if isinstance(field, Reason):
        yield from _within(name, field.plain)
        yield from _within(name, field.localised)


FIELDS = {
    (name, id(field)): (name, field)
    for schema_name, schema in REQUESTS.items()
    for field_name, declared in schema().fields.items()
    for name, field in _within(f"{schema_name}.{field_name}", declared)
}.values()
STRINGS = [(name, field) for name, field in FIELDS if isinstance(field, fields.String)]
TEXTS = [(name, field) for name, field in STRINGS if isinstance(field, Text)]


def test_requests_and_their_texts_are_found() -> None:
    names = {name for name, _ in TEXTS}
    assert {"CreateBooking.title", "RegisterOrganisation.name", "PlanClosure.reason"} <= names


def test_each_string_of_a_request_is_a_text_or_has_a_fixed_form() -> None:
    free = {
        name
        for name, field in STRINGS
        if not isinstance(field, Text | Zone | Features | EquipmentNeeds)
        and not any(isinstance(check, CONSTRAINED) for check in field.validators)
        and name.rpartition(".")[2] not in NO_TEXTS_OF_QUERIES
    }
    assert free == NO_TEXTS, "use contracts.fields.text, which refuses and trims what it must"


@pytest.mark.parametrize(("name", "field"), TEXTS, ids=[name for name, _ in TEXTS])
def test_each_text_refuses_and_trims_the_same(name: str, field: Text) -> None:
    assert field.deserialize(" \ufeffa\u0308\u2067b\u00a0\u200b") == "\u00e4b"
    for value, code in (
        ("a\u202eb", "direction"),
        ("a\u202ab", "direction"),
        ("a\u0000b", "characters"),
        ("a\u001bb", "characters"),
        ("a\u2028b", "characters"),
        ("\u200b \ufeff", "blank"),
    ):
        with pytest.raises(ValidationError) as refused:
            field.deserialize(value)
        assert refused.value.messages == [code], name
    if field.lines:
        assert field.deserialize("a\nb\n") == "a\nb"
    else:
        with pytest.raises(ValidationError, match="characters"):
            field.deserialize("a\nb")


# Names of files, as the device has them.
FILE_NAMES = frozenset(
    {
        *("NewAttachment.name", "AddAttachment.name", "_File.name", "AddMaterial.name"),
        *("CreateFormOfWorkbook.name", "ChangeFormByWorkbook.name", "StartImport.name"),
        *("ImportQuery.name", "FileQuery.name"),
    }
)
TITLES = ("name", "title", "elsewhere", "place", "task", "responsible", "body")
NAMES = [
    (name, field)
    for name, field in TEXTS
    if name.rpartition(".")[2] in TITLES and not field.lines and name not in FILE_NAMES
]


def test_names_are_found() -> None:
    found = {name for name, _ in NAMES}
    assert {"RegisterOrganisation.name", "CreateBooking.title", "PersonDetails.name"} <= found


@pytest.mark.parametrize(("name", "field"), NAMES, ids=[name for name, _ in NAMES])
def test_each_name_has_a_letter(name: str, field: Text) -> None:
    for nameless in ("...", "😀", "ـــ"):
        with pytest.raises(ValidationError) as refused:
            field.deserialize(nameless)
        assert refused.value.messages == ["letters"], name


# -- the words of faults --------------------------------------------------------------------------


def _messages(check: Any) -> Iterator[str]:
    """What a validator of the library says, as a fault would have it."""
    sample: dict[str, Any] = {"min": 1, "max": 5, "equal": 2, "choices": "a, b", "other": "a"}
    if isinstance(check, validate.Range | validate.Length):
        for each in ("message_min", "message_max", "message_all", "message_equal"):
            if message := (check.error or getattr(check, each, None)):
                yield message.format(**sample)
    elif isinstance(check, CONSTRAINED):
        yield check.error.format(**sample)


def _has_words(fault: errors.FieldError, language: str) -> bool:
    key = f"field.{field_errors.wording_of(fault)[0]}"
    general = problems.texts.text("field.invalid", language)
    return problems.texts.has(key, language) and problems.field_text(fault, language) != general


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_validator_of_a_request_falls_back_to_general_words(language: str) -> None:
    said = {
        (name, message)
        for name, field in FIELDS
        for message in (
            *(each for check in field.validators for each in _messages(check)),
            *(
                each
                for key, each in field.error_messages.items()
                if key not in ("validator_failed", "too_large")
            ),
        )
    }
    wordless = {
        (name, message)
        for name, message in said
        if not _has_words(errors.FieldError("/x", field_errors.code_of(message), message), language)
    }
    assert not wordless


#: Faults of settings are sentences for an operator; they never reach a client.
OF_OPERATORS = frozenset({"app.py", "config.py", "settings.py"})


def _literals() -> Iterator[tuple[str, str]]:
    """Each text that our own fields, validators and refusals name as the fault of a field."""
    for folder in ("services", "gateway"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if path.name in OF_OPERATORS:
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call):
                    yield from ((str(path), text) for text in _named_by(node, path))


def _named_by(call: ast.Call, path: Path) -> Iterator[str]:
    name = getattr(call.func, "id", getattr(call.func, "attr", ""))
    values: list[ast.expr] = []
    if name == "ValidationError":
        values = call.args[:1]
    elif name == "FieldError":
        values = call.args[1:2]
    elif name in {"Regexp", "Length", "Range", "OneOf", "Equal"}:
        values = [each.value for each in call.keywords if each.arg == "error"]
    lists = [each for value in values if isinstance(value, ast.Dict) for each in value.values]
    named = [
        *values,
        *(each for value in lists if isinstance(value, ast.List) for each in value.elts),
    ]
    # A fault is named by a code, and its words are in the .po files.
    assert not any(isinstance(each, ast.JoinedStr) for each in named), path
    yield from (str(each.value) for each in named if isinstance(each, ast.Constant))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_refusal_by_a_state_says_the_state_in_words(language: str) -> None:
    wanted: set[str] = set()
    for _, _, machine in machines():
        for state in {state for state, _ in machine} | machine.ends:
            code = machine.refusal_in(state)
            for action in {action for _, action in machine}:
                if code is None or (state, action) in machine:
                    continue
                with pytest.raises(errors.MasahaError) as refused:
                    machine.after(state, action)
                said = refused.value.params
                wanted |= {f"{code.code}.state.{said[each]}" for each in {"state", "to"} & {*said}}
    assert len(wanted) > 100
    assert [each for each in sorted(wanted) if not problems.texts.has(each, language)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_rule_for_applicants_that_fails_is_said_in_words(language: str) -> None:
    for code in FAILURE_CODES:
        rule = {"code": code, "values": ["a", "b"], "names": [{"ar": "دورة"}, None]}
        said = problems.failed_rule(NOT_ELIGIBLE.code, rule, language)
        assert said["detail"].endswith(".")
        assert ("دورة" in said["detail"]) == (code != "organisation_not_approved")
    for value in ("female", "male", "member", "representative"):
        assert problems.texts.has(f"trainings.not_eligible.value.{value}", language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_fault_that_our_code_names_has_words(language: str) -> None:
    named = dict.fromkeys(_literals())
    assert len(named) > 20
    wordless = [
        (path, text)
        for path, text in named
        if not _has_words(errors.FieldError("/x", field_errors.code_of(text), text), language)
    ]
    assert not wordless


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "code", [each for each in problems.PUBLISHED if each.code != "invalid"], ids=lambda c: c.code
)
def test_a_fault_with_a_code_of_the_list_says_what_the_code_says(
    code: errors.ErrorCode, language: str
) -> None:
    fault = errors.FieldError("/x", code.code)
    error = code(errors=[fault], **dict.fromkeys(code.params, 15))
    document = problems.document(error, language=language, trace_id=None, public_url="")
    (told,) = document["errors"]
    assert told["detail"] == document["detail"]


@pytest.mark.parametrize("given", RANGES)
def test_a_limit_is_named_in_the_words(given: dict[str, int]) -> None:
    for check, wrong in ((validate.Range(**given), 9 if "max" in given else 0),):
        with pytest.raises(ValidationError) as refused:
            check(wrong)
        for language in LANGUAGES:
            (fault,) = field_errors.field_errors(refused.value.messages)
            words = problems.field_text(fault, language)
            assert all(str(limit) in words for limit in given.values())
            assert fault.code == "range"
