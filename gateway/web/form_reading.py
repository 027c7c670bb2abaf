"""What a person has filled in on a page, as the answers that a program would send.

Every field of a page is text. A number becomes one where it reads like one, in whatever digits;
what does not is left as it is, and the branch says what is wrong with it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from werkzeug.datastructures import MultiDict

from services.common.contracts.form_words import Kind
from services.common.errors import FieldError

_NUMBERS = frozenset({Kind.INTEGER, Kind.DECIMAL, Kind.SCALE})
_NUMBER = re.compile(r"-?\d{1,13}(?:[.٫]\d{1,6})?")


def field_of(question_id: str) -> str:
    """The name of a question's field on the page: no question meets the page's own fields."""
    return f"answer.{question_id}"


def read_answers(
    questions: Sequence[Mapping[str, Any]], form: MultiDict[str, str]
) -> tuple[dict[str, Any], list[FieldError]]:
    """The answers by question, and the faults that only the page can see.

    Args:
        questions: of the form, as its contract shows them.
        form: the fields that came.
    """
    answers: dict[str, Any] = {}
    faults: list[FieldError] = []
    for question in questions:
        name, kind = question["id"], Kind(question["kind"])
        values = [each for each in form.getlist(field_of(name)) if each.strip()]
        if not values or kind is Kind.NOTE:
            continue
        if kind is Kind.CHOICES:
            answers[name] = values
        elif len(values) > 1:
            faults.append(FieldError(f"/answers/{name}", "repeated"))
        else:
            answers[name] = number_of(values[0]) if kind in _NUMBERS else values[0]
    return answers, faults


def number_of(text: str) -> int | float | str:
    """The number that a text stands for; the text itself where it stands for none."""
    found = text.strip()
    if _NUMBER.fullmatch(found) is None:
        return text
    number = float(found.replace("٫", "."))
    return int(number) if number.is_integer() else number
