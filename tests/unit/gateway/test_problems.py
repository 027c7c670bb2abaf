"""Every refusal has its text in every language, and a status in the one table."""

from __future__ import annotations

import re
from importlib import import_module
from pkgutil import walk_packages
from string import Formatter

import pytest
from marshmallow import ValidationError

from docs.generate import machines
from gateway.identity.domain.organisation import STATUSES
from gateway.web import problems
from services.bookings.domain.booking_states import Status
from services.bookings.domain.waitlist import EntryStatus
from services.common import contracts, errors, field_errors
from services.common.contracts.bookings.errors import (
    BUDGET_EXCEEDED,
    EQUIPMENT_TAKEN,
    NOT_ALLOWED_NOW,
    NOT_ALLOWED_WHILE_WAITING,
)
from services.common.contracts.bookings.rpc import CreateBooking
from services.common.contracts.identity.errors import ORGANISATION_STATE
from services.common.errors import ErrorCode, MasahaError
from services.common.languages import LANGUAGES

CODES = {each.code: each.params for each in problems.PUBLISHED} | dict.fromkeys(
    problems.HTTP_CODES, ()
)
# All codes of the contracts: the text of one may be written before an endpoint answers it.
WRITTEN = CODES | {
    value.code: value.params
    for found in walk_packages(contracts.__path__, f"{contracts.__name__}.")
    for value in vars(import_module(found.name)).values()
    if isinstance(value, ErrorCode)
}
ARABIC = re.compile("[\u0600-\u06ff]")

# Texts beside the problems: what the pages fill in, and the limits that faults of fields name.
OF_OTHERS: dict[str, tuple[str, ...]] = {
    "guest.answered.yes": ("people",),
    "rating.once": ("until",),
}
OF_OTHERS |= {
    f"form.shown_if.{operator}": ("question", "said")
    for operator in ("equals", "differs", "includes", "at_least", "at_most")
}
# What a row of a table, or an applicant, is refused for.
OF_OTHERS |= {
    key: (name,)
    for beginning, name in (("imports.", "said"), ("trainings.not_eligible.rule.", "values"))
    for key in problems.texts.keys("ar")
    if key.startswith(beginning)
}
OF_OTHERS |= {
    f"field.{words}": tuple(re.compile(pattern).groupindex)
    for pattern, _, words in field_errors.MESSAGES
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", CODES)
def test_each_code_has_a_title_and_a_detail_of_its_own(code: str, language: str) -> None:
    for part in ("title", "detail"):
        assert problems.texts.has(f"{code}.{part}", language), f"{language}.po lacks {code}.{part}"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", CODES)
def test_a_text_names_only_the_params_of_its_code(code: str, language: str) -> None:
    for form in problems.texts.forms(f"{code}.detail", language):
        said = {name for _, name, _, _ in Formatter().parse(form) if name}
        # A form for one or two of a thing may say the number in words.
        assert said <= set(CODES[code]), f"{language}: {code} has no {said - set(CODES[code])}"
    assert said == set(CODES[code]), f"{language}: {code} says {said}, not all of {CODES[code]}"


def test_where_there_is_no_limit_the_text_says_so_in_words() -> None:
    error = BUDGET_EXCEEDED(
        starts_on="2026-11-22", hours_left=0, bookings_left=None, extra={"week": "2026-W48"}
    )
    for language, words, day in (
        ("en", "bookings left: no limit.", "Sunday, 22 November 2026"),
        ("ar", "الحجوزات الباقية: بلا حد.", "الأحد، 22 تشرين الثاني 2026"),
    ):
        document = problems.document(error, language=language, trace_id=None, public_url="")
        assert words in document["detail"]
        assert day in document["detail"]
        assert (document["week"], document["starts_on"]) == ("2026-W48", "2026-11-22")
        assert document["bookings_left"] is None


def test_a_thing_is_named_in_the_readers_language_not_by_its_id() -> None:
    error = EQUIPMENT_TAKEN(
        equipment={"ar": "جهاز عرض", "en": "Projector"},
        free=0,
        extra={"equipment_id": "raqqa-projector"},
    )
    for language, words in (("ar", "«جهاز عرض»"), ("en", "“Projector”")):
        document = problems.document(error, language=language, trace_id=None, public_url="")
        assert words in document["detail"]
        assert document["equipment_id"] == "raqqa-projector"


STATES = [
    *[(NOT_ALLOWED_NOW, status) for status in Status],
    *[(NOT_ALLOWED_WHILE_WAITING, status) for status in EntryStatus],
    *[(ORGANISATION_STATE, status) for status in STATUSES],
]


@pytest.mark.parametrize(("code", "state"), STATES)
def test_a_state_is_said_in_words_and_told_to_programs(code: ErrorCode, state: str) -> None:
    for language in LANGUAGES:
        document = problems.document(
            code(state=str(state)), language=language, trace_id=None, public_url=""
        )
        assert document["state"] == state
        word = problems.texts.text(f"{code.code}.state.{state}", language)
        assert f"“{word}”" in document["detail"] or f"«{word}»" in document["detail"]


STEPS = [
    (code, state, action)
    for _, _, transitions in machines()
    for state in sorted({each for each, _ in transitions} | set(transitions.values()))
    for action in sorted({each for _, each in transitions})
    if (state, action) not in transitions
    and (code := transitions.refusal_in(state)) is not None
    and "to" in code.params
]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_step_that_is_refused_says_from_where_to_where_in_words(language: str) -> None:
    for code, state, action in STEPS:
        transitions = next(each for _, _, each in machines() if code in each.refusals())
        with pytest.raises(MasahaError) as refused:
            transitions.after(state, action)
        _, detail = problems.texts_of(code.code, refused.value, language)
        for value in (state, refused.value.params["to"]):
            assert problems.texts.text(f"{code.code}.state.{value}", language) in detail


def test_each_step_of_consultations_is_refused_with_where_it_leads() -> None:
    codes = {
        code for _, _, each in machines() for code in each.refusals() if "state" in code.params
    }
    of_consultations = {each for each in codes if each.code.startswith("consultations.")}
    assert of_consultations
    assert all("to" in each.params for each in of_consultations)


def test_no_params_are_hidden_by_a_member_of_every_problem() -> None:
    for code, names in CODES.items():
        assert not {"type", "title", "status", "detail", "code", "trace_id"} & set(names), code


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_fault_has_a_text(language: str) -> None:
    keys = {f"field.{each}" for each in (*field_errors.CODES, *field_errors.WORDINGS)}
    assert not [key for key in sorted(keys) if not problems.texts.has(key, language)]


def test_arabic_is_arabic_and_english_is_not() -> None:
    for key in problems.texts.keys("ar"):
        names = OF_OTHERS.get(key) or WRITTEN.get(key.rpartition(".")[0], ())
        for number in ("1", 0, 1, 2, 3, 11, 100):
            params = dict.fromkeys(names, number)
            assert ARABIC.search(problems.texts.text(key, "ar", params)), key
            english = problems.texts.text(key, "en", params)
            assert not ARABIC.search(english), key
            assert not [name for _, name, _, _ in Formatter().parse(english) if name]


def test_every_kind_of_error_has_a_status() -> None:
    assert set(problems.STATUS) == set(errors.KINDS.values())


def test_an_unknown_code_is_told_as_its_kind() -> None:
    document = problems.document(
        errors.Conflict("trainings.full"), language="en", trace_id="t", public_url=""
    )
    assert document["code"] == "trainings.full"
    assert document["title"] == "Conflict"


def test_a_defect_says_nothing_of_its_inside() -> None:
    error = errors.Internal(detail="KeyError: secret", extra={"x": "secret"})
    document = problems.document(error, language="en", trace_id="t", public_url="")
    assert "secret" not in str(document)
    assert document["status"] == 500


def test_extra_members_cannot_replace_the_standard_ones() -> None:
    error = errors.Conflict("x.y", extra={"status": 200, "alternatives": [1]})
    document = problems.document(error, language="en", trace_id="t", public_url="")
    assert document["status"] == 409
    assert document["alternatives"] == [1]


def test_a_document_stays_small_however_much_is_wrong() -> None:
    with pytest.raises(ValidationError) as raised:
        CreateBooking().load({f"{number}{'x' * 300}": 1 for number in range(1000)})
    error = errors.Invalid(errors=field_errors.field_errors(raised.value.messages))
    document = problems.document(error, language="ar", trace_id="t", public_url="")
    assert len(document["errors"]) == problems.MOST_FAULTS
    assert (
        max(len(fault["pointer"]) for fault in document["errors"]) == 1 + field_errors.LONGEST_NAME
    )
    assert len(problems.encode(document)) < 30_000
