"""Who may be given time: what has arrived about an organisation, and who speaks for it."""

from __future__ import annotations

import pytest

from services.bookings.domain import permissions
from services.bookings.domain.organisations import Organisation, check_known, check_may_use
from services.bookings.schemas.organisations import organisation as organisation_told
from services.common import errors
from services.common.context import Caller
from services.common.errors import Permanent
from tests.support.bookings import organisation

NAME = {"ar": "جمعية النهر"}


def known(status: str) -> Organisation:
    return Organisation("nahr", 2, NAME, status)


@pytest.mark.parametrize(
    ("status", "vouched", "code"),
    [
        (None, False, "bookings.unknown_organisation"),
        (None, True, None),
        ("pending", False, "bookings.organisation_not_approved"),
        ("pending", True, None),
        ("approved", False, None),
        ("approved", True, None),
        ("suspended", False, "bookings.organisation_not_approved"),
        ("suspended", True, "bookings.organisation_not_approved"),
        # A state that the gateway may have one day.
        ("dissolved", False, "bookings.organisation_not_approved"),
        ("dissolved", True, "bookings.organisation_not_approved"),
    ],
)
def test_two_witnesses_and_what_they_say_together(
    status: str | None, vouched: bool, code: str | None
) -> None:
    organisation = None if status is None else known(status)
    if code is None:
        check_may_use(organisation, vouched=vouched)
        return
    with pytest.raises(errors.MasahaError) as refusal:
        check_may_use(organisation, vouched=vouched)
    kind = errors.Invalid if code.endswith("unknown_organisation") else errors.Conflict
    assert (type(refusal.value), refusal.value.code) == (kind, code)
    assert [(each.pointer, each.code) for each in refusal.value.errors] == [
        ("/organisation_id", code)
    ]


@pytest.mark.parametrize("status", ["pending", "approved", "suspended"])
def test_whatever_has_been_told_of_is_known(status: str) -> None:
    check_known(known(status))
    with pytest.raises(errors.Invalid, match="unknown_organisation"):
        check_known(None)


class TestTheGatewaysEvents:
    def test_the_version_is_the_aggregates(self) -> None:
        told = organisation_told(organisation("nahr", "suspended", version=7))
        assert (told.organisation_id, told.version, told.status) == ("nahr", 7, "suspended")

    def test_data_against_the_contract_are_for_a_person_to_look_at(self) -> None:
        event = organisation("nahr")
        event.data.pop("status")  # type: ignore[attr-defined]
        with pytest.raises(Permanent, match="status"):
            organisation_told(event)


def test_its_own_people_are_told_that_it_is_not_approved_and_others_nothing() -> None:
    own = Caller("rana", not_approved=frozenset({"amal"}))
    with pytest.raises(errors.Conflict, match="organisation_not_approved"):
        permissions.check_may_book(own, "amal", "raqqa")
    with pytest.raises(errors.Forbidden, match="not_of_organisation"):
        permissions.check_may_book(Caller("omar"), "amal", "raqqa")
