"""Forms: what a sound definition is, which answers are taken, and what a workbook becomes."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime
from typing import Any

import pytest
from marshmallow import ValidationError
from openpyxl import Workbook, load_workbook

from services.common import errors
from services.common.contracts.form_words import Source
from services.common.field_errors import field_errors
from services.common.forms.definition import dump_form, load_definition
from services.common.forms.questions import Form, Submission
from services.common.forms.table import headings, rows
from services.common.forms.validation import load_answers
from services.common.forms.xlsform import LARGEST_FILE, definition_of, workbook_of

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
Json = dict[str, Any]


def question(name: str, kind: str, **changes: Any) -> Json:
    return {
        "id": name,
        "kind": kind,
        "label": {"ar": f"سؤال {name}", "en": f"Question {name}"},
    } | changes


def choices(*names: str) -> list[Json]:
    return [{"id": name, "label": {"ar": f"خيار {name}", "en": f"Choice {name}"}} for name in names]


SURVEY = [
    question("name", "text", required=True, max_length=20),
    question("trained", "choice", choices=choices("yes", "no"), required=True),
    question(
        "topics",
        "choices",
        choices=choices("finance", "advocacy", "reports"),
        required=True,
        shown_if=[{"question_id": "trained", "operator": "equals", "value": "yes"}],
    ),
    question("people", "integer", minimum=1, maximum=500),
    question(
        "why",
        "paragraph",
        shown_if=[
            {"question_id": "topics", "operator": "includes", "value": "finance"},
            {"question_id": "people", "operator": "at_least", "value": 10},
        ],
    ),
    question("budget", "decimal", minimum=0),
    question("since", "date"),
    question("governance", "scale", choices=choices("1", "4"), not_applicable=True),
    question("thanks", "note"),
]


def form(questions: list[Json] | None = None, **changes: Any) -> Form:
    title, loaded = load_definition(
        {"title": {"ar": "استبيان", "en": "Survey"}, "questions": questions or SURVEY}
    )
    return Form("f1", title, loaded, **changes)


def faults(given: Json, questions: list[Json] | None = None) -> Json:
    with pytest.raises(ValidationError) as refusal:
        load_answers(form(questions), given)
    messages = refusal.value.messages
    assert isinstance(messages, dict)
    found: Json = messages["answers"]
    return found


class TestDefinition:
    def test_a_sound_one_is_taken_and_shown_as_it_was_sent(self) -> None:
        shown = dump_form(form())
        assert [each["id"] for each in shown["questions"]] == [each["id"] for each in SURVEY]
        again, questions = load_definition(
            {"title": shown["title"], "questions": shown["questions"]}
        )
        assert (again, questions) == (form().title, form().questions)

    @pytest.mark.parametrize(
        ("questions", "place"),
        [
            ([question("a", "text"), question("a", "text")], (1, "id")),
            ([question("a", "choice")], (0, "choices")),
            ([question("a", "choice", choices=choices("x", "x"))], (0, "choices")),
            ([question("a", "text", choices=choices("x"))], (0, "choices")),
            ([question("a", "scale", choices=choices("5"))], (0, "choices")),
            ([question("a", "integer", minimum=3, maximum=2)], (0, "maximum")),
            ([question("a", "scale", minimum=1, maximum=12)], (0, "maximum")),
            ([question("a", "scale", minimum=1, maximum=1.5)], (0, "maximum")),
            ([question("a", "text", minimum=1)], (0, "minimum")),
            ([question("a", "date", max_length=1)], (0, "max_length")),
            ([question("a", "text", not_applicable=True)], (0, "not_applicable")),
            ([question("a", "note", required=True)], (0, "required")),
        ],
    )
    def test_an_unsound_one_is_refused_with_the_place(
        self, questions: list[Json], place: tuple[int, str]
    ) -> None:
        with pytest.raises(ValidationError) as refusal:
            form(questions)
        messages = refusal.value.messages
        assert isinstance(messages, dict)
        assert place[1] in messages["questions"][place[0]]

    @pytest.mark.parametrize(
        ("condition", "place"),
        [
            ({"question_id": "later", "operator": "equals", "value": "x"}, "question_id"),
            ({"question_id": "asked", "operator": "equals", "value": "x"}, "question_id"),
            ({"question_id": "a", "operator": "at_least", "value": 3}, "operator"),
            ({"question_id": "a", "operator": "equals", "value": "z"}, "value"),
            ({"question_id": "n", "operator": "at_least", "value": "many"}, "value"),
        ],
    )
    def test_a_condition_looks_back_at_a_question_that_fits(
        self, condition: Json, place: str
    ) -> None:
        with pytest.raises(ValidationError) as refusal:
            form(
                [
                    question("a", "choice", choices=choices("x")),
                    question("n", "integer"),
                    question("asked", "text", shown_if=[condition]),
                    question("later", "text"),
                ]
            )
        messages = refusal.value.messages
        assert isinstance(messages, dict)
        assert place in messages["questions"][2]["shown_if"][0]

    def test_a_frozen_edition_never_changes_and_a_change_begins_the_next(self) -> None:
        open_, frozen = form(), form(frozen=True, edition=2, version=5)
        title, questions = load_definition(
            {"title": {"ar": "آخر"}, "questions": [question("a", "text")]}
        )
        changed = open_.revised(title, questions, NOW)
        assert (changed.edition, changed.version) == (1, 2)
        changed = frozen.revised(title, questions, NOW)
        assert (changed.edition, changed.version, changed.frozen) == (3, 6, False)
        assert frozen.revised(frozen.title, frozen.questions, NOW) is frozen


class TestAnswers:
    def test_are_kept_as_they_were_given(self) -> None:
        given = {
            "name": "هبة",
            "trained": "yes",
            "topics": ["reports", "finance"],
            "people": 12.0,
            "why": "سطر\nسطر",
            "budget": 10.5,
            "since": "2026-05-02",
            "governance": 3,
        }
        answers = load_answers(form(), given)
        assert answers == given | {"topics": ["finance", "reports"], "people": 12}
        assert list(answers) == [each["id"] for each in SURVEY[:-1]]

    def test_a_hidden_question_takes_none_and_asks_for_none(self) -> None:
        answers = load_answers(form(), {"name": "A", "trained": "no", "topics": ["finance"]})
        assert answers == {"name": "A", "trained": "no"}

    def test_what_a_hidden_answer_would_show_stays_hidden_too(self) -> None:
        given = {"name": "A", "trained": "no", "topics": ["finance"], "people": 20, "why": "x"}
        assert "why" not in load_answers(form(), given)

    def test_not_applicable_is_an_answer_where_the_scale_has_it(self) -> None:
        given = {"name": "A", "trained": "no", "governance": "not_applicable"}
        assert load_answers(form(), given)["governance"] == "not_applicable"
        plain = [question("s", "scale")]
        assert "s" in faults({"s": "not_applicable"}, plain)

    @pytest.mark.parametrize(
        ("name", "answer"),
        [
            ("name", 3),
            ("name", "x" * 21),
            ("name", "   "),
            ("name", "a\u0000b"),
            ("trained", "perhaps"),
            ("trained", True),
            ("topics", "finance"),
            ("topics", ["finance", "finance"]),
            ("topics", ["other"]),
            ("people", 0),
            ("people", 501),
            ("people", 1.5),
            ("people", "12"),
            ("people", True),
            ("budget", "1"),
            ("budget", -1),
            ("budget", float("inf")),
            ("since", "02.05.2026"),
            ("since", "2026-02-30"),
            ("governance", 0),
            ("governance", 5),
            ("thanks", "x"),
            ("nothing", "x"),
        ],
    )
    def test_one_that_does_not_fit_is_named(self, name: str, answer: Any) -> None:
        sound = {"name": "A", "trained": "yes", "topics": ["finance"]}
        assert list(faults(sound | {name: answer})) == [name]

    def test_what_is_wrong_has_its_place_and_says_what_fits(self) -> None:
        sent = {"name": "A", "trained": "yes", "since": "31/12/2026", "topics": ["finance", "zzz"]}
        found = {each.pointer: each.code for each in field_errors(faults(sent))}
        assert found == {"/since": "date", "/topics/1": "choice"}

    @pytest.mark.parametrize("empty", [None, "", []])
    def test_nothing_is_no_answer(self, empty: Any) -> None:
        assert list(faults({"name": empty, "trained": "no"})) == ["name"]
        assert "people" not in load_answers(form(), {"name": "A", "trained": "no", "people": empty})

    def test_all_faults_are_named_together(self) -> None:
        assert set(faults({"people": 0, "x": 1})) == {"name", "trained", "people", "x"}


class TestTable:
    def test_rows_have_choices_by_their_text_and_every_editions_questions(self) -> None:
        first = form([question("a", "text"), question("old", "integer")])
        second = form(
            [question("b", "choice", choices=choices("x")), question("a", "text")], edition=2
        )
        sent = [
            Submission("1", "f1", 1, "s", "r1", Source.LINK, NOW, {"a": "نص", "old": 3}),
            Submission("2", "f1", 2, "s", "r2", Source.PAPER, NOW, {"b": "x"}),
        ]
        assert headings([first, second], "en") == ["Question b", "Question a", "Question old"]
        assert list(rows([first, second], sent, "ar")) == [["", "نص", 3], ["خيار x", "", ""]]


def workbook(survey: list[list[str]], offered: list[list[str]] | None = None) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "survey"
    for row in survey:
        sheet.append(row)
    second = book.create_sheet("choices")
    for row in offered or [["list_name", "name", "label::Arabic (ar)"]]:
        second.append(row)
    third = book.create_sheet("settings")
    third.append(["form_title", "form_id"])
    third.append(["استبيان", "f"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


HEAD = [
    "type",
    "name",
    "label::Arabic (ar)",
    "label::English (en)",
    "required",
    "relevant",
    "constraint",
]


class TestXlsForm:
    def test_a_form_goes_out_and_comes_back_the_same(self) -> None:
        before = form()
        assert load_definition(definition_of(workbook_of(before)))[1] == _all_levels(before)

    def test_a_workbook_of_kobo_becomes_a_form(self) -> None:
        read = definition_of(
            workbook(
                [
                    HEAD,
                    ["start", "start"],
                    ["text", "org", "الاسم", "Name", "yes", "", "string-length(.) <= 50"],
                    ["select_one yn", "worked", "هل عملتم؟", "Worked?", "yes"],
                    ["begin_group", "g", "مجموعة", "Group", "", "selected(${worked}, 'yes')"],
                    ["integer", "age", "العمر", "Age", "", "", ". >= 1 and . <= 100"],
                    ["end_group"],
                    ["note", "n", "شكراً", "Thanks", "", "${worked} = 'no' and ${age} >= 3"],
                ],
                [
                    ["list_name", "name", "label::Arabic (ar)", "label::English (en)"],
                    ["yn", "yes", "نعم", "Yes"],
                    ["yn", "no", "لا", "No"],
                ],
            )
        )
        _, questions = load_definition(read)
        assert [(each.id, each.kind) for each in questions] == [
            ("org", "text"),
            ("worked", "choice"),
            ("g", "note"),
            ("age", "integer"),
            ("n", "note"),
        ]
        assert questions[0].max_length == 50
        assert questions[1].choices[0].label == {"ar": "نعم", "en": "Yes"}
        assert (questions[3].minimum, questions[3].maximum) == (1, 100)
        assert questions[3].shown_if == questions[2].shown_if
        assert questions[3].shown_if[0].operator == "equals"

    @pytest.mark.parametrize(
        "row",
        [
            ["geopoint", "where", "أين"],
            ["calculate", "c", "", "", "", "", ""],
            ["text", "a", "س", "", "", "${b} + 1 > 3"],
            ["text", "a", "س", "", "", "${b} = 'x' or ${b} = 'y'"],
            ["text", "a", "س", "", "", "", "regex(., '[a-z]')"],
            ["begin_repeat", "r", "تكرار"],
        ],
    )
    def test_what_forms_do_not_have_is_refused_by_its_row(self, row: list[str]) -> None:
        survey = [HEAD, ["text", "b", "ب"], row]
        if row[0] == "begin_repeat":
            survey += [["text", "in", "د"], ["end_repeat"]]
        if row[0] == "calculate":
            survey[0] = [*HEAD, "calculation"]
            survey[-1] = [*row, "1 + 1"]
        with pytest.raises(errors.Invalid) as refusal:
            definition_of(workbook(survey))
        assert refusal.value.code == "forms.xlsform_unsupported"
        assert [each.pointer for each in refusal.value.errors] == [f"/survey/{row[1]}"]

    @pytest.mark.parametrize(
        "data",
        [
            b"",
            b"no workbook",
            b"x" * (LARGEST_FILE + 1),
            workbook([["type", "name"], ["nonsense", "a"]]),
            workbook([["anything"], ["a"]]),
        ],
        ids=["empty", "text", "large", "type", "columns"],
    )
    def test_what_cannot_be_read_is_refused_with_a_reason(self, data: bytes) -> None:
        with pytest.raises(errors.Invalid) as refusal:
            definition_of(data)
        assert refusal.value.code.startswith("forms.xlsform_un")
        assert refusal.value.errors[0].detail

    def test_a_workbook_that_unpacks_without_end_is_not_unpacked(self) -> None:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("xl/worksheets/sheet1.xml", b"0" * (40 * 1024 * 1024))
        assert len(out.getvalue()) < LARGEST_FILE
        with pytest.raises(errors.Invalid) as refusal:
            definition_of(out.getvalue())
        assert refusal.value.code == "forms.xlsform_unreadable"

    def test_a_text_that_looks_like_a_formula_stays_a_text(self) -> None:
        book = load_workbook(
            io.BytesIO(workbook_of(form([question("a", "text", label={"ar": "=1+1"})])))
        )
        cells = [c for row in book["survey"].iter_rows() for c in row if c.value == "=1+1"]
        assert [cell.data_type for cell in cells] == ["s"]


def _all_levels(before: Form) -> Any:
    """As it comes back: every level of a scale has a text."""
    _, questions = load_definition(
        {
            "title": before.title,
            "questions": [
                each
                | (
                    {
                        "choices": [
                            *choices("1"),
                            *({"id": n, "label": {"ar": n, "en": n}} for n in ("2", "3")),
                            *choices("4"),
                        ]
                    }
                    if each["kind"] == "scale"
                    else {}
                )
                for each in SURVEY
            ],
        }
    )
    return questions
