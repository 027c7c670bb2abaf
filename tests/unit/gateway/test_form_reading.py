"""What a person has filled in on a page, as answers."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.datastructures import MultiDict

from gateway.web.form_reading import number_of, read_answers

QUESTIONS: list[dict[str, Any]] = [
    {"id": kind, "kind": kind}
    for kind in ("text", "paragraph", "integer", "decimal", "date", "choice", "choices", "scale")
]


def read(*fields: tuple[str, str]) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    answers, faults = read_answers(QUESTIONS, MultiDict(fields))
    return answers, [(each.pointer, each.code) for each in faults]


def test_each_field_becomes_the_answer_that_a_program_would_send() -> None:
    answers, faults = read(
        ("answer.text", "مساء الخير"),
        ("answer.paragraph", "line\r\nline"),
        ("answer.integer", "١٢"),
        ("answer.decimal", "٣٫٥"),
        ("answer.date", "2027-03-01"),
        ("answer.choice", "yes"),
        ("answer.choices", "b"),
        ("answer.choices", "a"),
        ("answer.scale", "4"),
    )
    assert faults == []
    assert answers == {
        "text": "مساء الخير",
        "paragraph": "line\r\nline",
        "integer": 12,
        "decimal": 3.5,
        "date": "2027-03-01",
        "choice": "yes",
        "choices": ["b", "a"],
        "scale": 4,
    }


def test_an_empty_field_and_one_of_no_question_are_no_answers() -> None:
    assert read(("answer.text", " "), ("answer.scale", ""), ("answer.other", "x")) == ({}, [])


def test_a_field_that_came_twice_is_a_fault() -> None:
    faulty = read(("answer.choice", "yes"), ("answer.choice", "no"))
    assert faulty == ({}, [("/answers/choice", "repeated")])


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("7", 7),
        (" -7 ", -7),
        ("2.50", 2.5),
        ("٢٠", 20),
        ("many", "many"),
        ("1e9", "1e9"),
        ("9" * 20, "9" * 20),
        ("", ""),
        ("nan", "nan"),
        ("not_applicable", "not_applicable"),
    ],
)
def test_what_reads_like_a_number_is_one(typed: str, number: Any) -> None:
    found = number_of(typed)
    assert (found, type(found)) == (number, type(number))
