"""A certificate: an unchanging snapshot, its statuses, and what its code answers to everybody."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, asdict
from datetime import UTC, date, datetime, timedelta

import pytest

from services.trainings.domain.certificate_codes import ALPHABET, CODES, code_of, normal_code
from services.trainings.domain.certificates import (
    TRANSITIONS,
    Action,
    Certificate,
    NameErased,
    NotAllowedNow,
    RevocationReason,
    Status,
    correct_name,
    erase_person,
    revoke_certificate,
    verify_certificate,
)
from tests.unit.trainings.certificates import DAMASCUS, FULL_NAME, ISSUED, certificate

LATER = ISSUED + timedelta(days=30)
CORRECTED = "محمد عبد الله أحمد الصالح العلي"


def corrected(old: Certificate, name: str = CORRECTED) -> tuple[Certificate, Certificate]:
    return correct_name(old, name, id="2", code="MSH-NEW2", by="manager-1", now=LATER)


def revoked(old: Certificate) -> Certificate:
    return revoke_certificate(old, by="manager-1", reason=RevocationReason.MISUSED, now=LATER)


def test_what_was_issued_never_changes() -> None:
    with pytest.raises(FrozenInstanceError):
        certificate().name = "x"  # type: ignore[misc]


def test_a_valid_one_answers_with_all_that_was_issued() -> None:
    answer = verify_certificate(certificate(), LATER)
    assert answer.status is Status.VALID
    assert (answer.name, answer.title, answer.hours) == (
        FULL_NAME,
        {"ar": "Excel للمحاسبة", "en": "Excel for accounting"},
        40,
    )
    assert (answer.first_day, answer.last_day) == (date(2026, 4, 26), date(2026, 5, 2))
    assert not answer.name_withheld


@pytest.mark.parametrize("name", ["هبة", FULL_NAME])
def test_a_name_is_one_field_and_is_shown_whole(name: str) -> None:
    assert verify_certificate(certificate(name=name), LATER).name == name


def test_a_corrected_one_answers_replaced_and_shows_neither_name_nor_the_new_code() -> None:
    old, new = corrected(certificate())
    answer = verify_certificate(old, LATER)
    assert answer.status is Status.SUPERSEDED
    shown = str(asdict(answer))
    assert FULL_NAME not in shown
    assert CORRECTED not in shown
    assert new.code not in shown
    assert verify_certificate(new, LATER).name == CORRECTED
    assert old.replacement is not None
    assert (old.replacement.code, new.supersedes) == (new.code, old.code)


def test_a_correction_changes_the_name_alone() -> None:
    before = certificate(expires_at=LATER + timedelta(days=1))
    _, new = corrected(before)
    differing = {name for name, value in asdict(new).items() if value != asdict(before)[name]}
    assert differing == {"id", "code", "name", "issued_at", "supersedes"}


def test_one_of_an_erased_person_is_valid_and_its_name_is_withheld() -> None:
    erased = erase_person(certificate())
    answer = verify_certificate(erased, LATER)
    assert (answer.status, answer.name, answer.name_withheld) == (Status.VALID, None, True)
    assert answer.hours == 40
    assert FULL_NAME not in str(asdict(erased))
    assert "person-1" not in str(asdict(erased))
    assert erase_person(erased) == erased
    with pytest.raises(NameErased):
        corrected(erased)


def test_an_erased_persons_replaced_one_stays_replaced() -> None:
    old, _ = corrected(certificate())
    assert verify_certificate(erase_person(old), LATER).status is Status.SUPERSEDED


def test_a_revoked_one_answers_with_the_reason_and_no_name() -> None:
    answer = verify_certificate(revoked(certificate()), LATER)
    assert (answer.status, answer.reason) == (Status.REVOKED, RevocationReason.MISUSED)
    assert answer.name is None
    assert not answer.name_withheld


def test_it_expires_at_its_moment_and_not_before() -> None:
    ends = datetime(2029, 5, 1, 21, tzinfo=UTC)
    one = certificate(expires_at=ends)
    assert one.status(ends - timedelta(milliseconds=1)) is Status.VALID
    assert one.status(ends) is Status.EXPIRED
    assert one.valid_until(DAMASCUS) == date(2029, 5, 1)
    assert verify_certificate(one, ends).name == FULL_NAME


def test_the_status_that_a_person_decided_goes_before_time() -> None:
    one = revoked(certificate(expires_at=LATER + timedelta(days=1)))
    assert one.status(LATER + timedelta(days=2)) is Status.REVOKED


def in_status(status: Status) -> Certificate:
    match status:
        case Status.VALID:
            return certificate()
        case Status.EXPIRED:
            return certificate(expires_at=LATER)
        case Status.REVOKED:
            return revoked(certificate())
        case Status.SUPERSEDED:
            return corrected(certificate())[0]


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("action", [Action.REVOKE, Action.CORRECT])
def test_the_table_decides_what_is_allowed(status: Status, action: Action) -> None:
    one = in_status(status)
    assert one.status(LATER) is status

    def act() -> Certificate:
        return revoked(one) if action is Action.REVOKE else corrected(one)[0]

    if (status, action) in TRANSITIONS:
        after = act()
        assert after.status(LATER) is TRANSITIONS[status, action]
        assert after.version == one.version + 1
        assert after.withdrawn_at == LATER
    else:
        with pytest.raises(NotAllowedNow) as refused:
            act()
        assert refused.value.status is status


@pytest.mark.parametrize(("minutes", "hours"), [(2400, 40), (150, 2.5), (100, 1.67), (60, 1)])
def test_hours_are_those_of_its_minutes(minutes: int, hours: float) -> None:
    found = certificate(minutes=minutes).hours
    assert found == hours
    assert str(found) == str(hours)


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": " "},
        {"minutes": 0},
        {"first_day": date(2026, 5, 3)},
        {"expires_at": ISSUED},
    ],
)
def test_one_that_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="a certificate"):
        certificate(**wrong)


def test_each_number_has_its_own_code_of_characters_that_are_not_mistaken() -> None:
    numbers = [0, 1, 27, 28, CODES // 2, CODES - 1]
    codes = [code_of(each) for each in numbers]
    assert codes[0] == "MSH-2222-2222-2222"
    assert codes[-1] == "MSH-ZZZZ-ZZZZ-ZZZZ"
    assert len(set(codes)) == len(numbers)
    assert not set("01OILAEU") & set(ALPHABET)
    for beyond in (-1, CODES):
        with pytest.raises(ValueError, match="no code"):
            code_of(beyond)


@pytest.mark.parametrize(
    "typed",
    [
        "MSH-7Q4K-9XPD-M2RT",
        "msh-7q4k-9xpd-m2rt",
        " MSH 7Q4K 9XPD M2RT ",
        "MSH7Q4K9XPDM2RT",
        "MSH–7Q4K–9XPD–M2RT",
        "MSH-٧Q٤K-٩XPD-M٢RT",
        "\u2068MSH-7Q4K-9XPD-M2RT\u2069",
    ],
)
def test_a_code_is_understood_as_people_type_it(typed: str) -> None:
    assert normal_code(typed) == "MSH-7Q4K-9XPD-M2RT"


@pytest.mark.parametrize(
    "typed",
    ["", "MSH-7Q4K", "MSH-7Q4K-9XPD-M2R", "ABC-7Q4K-9XPD-M2RT", "MSH-0Q4K-9XPD-M2RT", "M" * 10_000],
)
def test_what_cannot_be_a_code_is_none(typed: str) -> None:
    assert normal_code(typed) is None
