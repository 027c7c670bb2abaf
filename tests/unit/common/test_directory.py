"""What a service knows of organisations and people, and what it may conclude from it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import pytest

from services.common import errors
from services.common.context import Caller
from services.common.contracts.identity import events as identity
from services.common.directory import facts
from services.common.directory.organisations import Organisation, OrganisationChecks
from services.common.directory.people import ErasedPerson, Person
from services.common.errors import Conflict, ErrorCode, Invalid, Permanent
from services.common.storage.mongo import Session
from tests.support.notifications import membership, organisation, person

UNKNOWN = ErrorCode("testing.unknown_organisation", Invalid, "Nobody has told of it.")
NOT_APPROVED = ErrorCode("testing.organisation_not_approved", Conflict, "It waits, or is barred.")
NAME = {"ar": "جمعية النهر"}
SESSION: Session = None  # type: ignore[assignment]


@dataclass(frozen=True)
class Known:
    """The organisations that a test says are known."""

    found: tuple[Organisation, ...]

    def organisation(
        self, organisation_id: str, session: Session | None = None
    ) -> Organisation | None:
        return self.organisations([organisation_id]).get(organisation_id)

    def organisations(
        self, organisation_ids: Collection[str], session: Session | None = None
    ) -> dict[str, Organisation]:
        return {o.organisation_id: o for o in self.found if o.organisation_id in organisation_ids}


def known(status: str, organisation_id: str = "nahr") -> Organisation:
    return Organisation(organisation_id, 2, NAME, status)


def checks(*organisations: Organisation) -> OrganisationChecks:
    return OrganisationChecks(Known(organisations), unknown=UNKNOWN, not_approved=NOT_APPROVED)


@pytest.mark.parametrize(
    ("status", "vouched", "code"),
    [
        (None, False, UNKNOWN),
        (None, True, None),
        ("pending", False, NOT_APPROVED),
        ("pending", True, None),
        ("approved", False, None),
        ("approved", True, None),
        ("suspended", False, NOT_APPROVED),
        ("suspended", True, NOT_APPROVED),
        # A state that the identity may have one day.
        ("dissolved", False, NOT_APPROVED),
        ("dissolved", True, NOT_APPROVED),
    ],
)
def test_two_witnesses_and_what_they_say_together(
    status: str | None, vouched: bool, code: ErrorCode | None
) -> None:
    found = None if status is None else known(status)
    if code is None:
        checks().check(found, vouched=vouched)
        return
    with pytest.raises(code.kind) as refusal:
        checks().check(found, vouched=vouched)
    assert refusal.value.code == code.code
    assert [(each.pointer, each.code) for each in refusal.value.errors] == [
        ("/organisation_id", code.code)
    ]


@pytest.mark.parametrize(
    ("caller", "code"),
    [
        (Caller("stranger"), UNKNOWN),
        (
            Caller("desk", roles=frozenset({"front_desk"}), centres=frozenset({"raqqa"})),
            NOT_APPROVED,
        ),
        (Caller("hala", roles=frozenset({"manager"})), NOT_APPROVED),
        (Caller("rana", organisations={"nahr": "member"}), NOT_APPROVED),
    ],
)
def test_to_others_one_that_is_suspended_is_as_unknown_as_none(
    caller: Caller, code: ErrorCode
) -> None:
    with pytest.raises(errors.MasahaError) as refusal:
        checks(known("suspended")).check_may_use(SESSION, caller, "nahr")
    assert refusal.value.code == code.code


def test_what_was_accepted_before_stands_unless_it_is_suspended() -> None:
    found = checks(known("pending"), known("suspended", "bahr"))
    found.check_still_may(SESSION, "nahr")
    with pytest.raises(Conflict, match="organisation_not_approved"):
        found.check_still_may(SESSION, "bahr")
    assert found.those_that_still_may(SESSION, {"nahr", "bahr", "new"}) == {"nahr", "new"}


@pytest.mark.parametrize("status", ["pending", "approved", "suspended"])
def test_every_organisation_that_an_event_tells_of_is_known(status: str) -> None:
    checks(known(status)).check_known(SESSION, "nahr")
    with pytest.raises(Invalid, match="unknown_organisation"):
        checks().check_known(SESSION, "nahr")


def test_a_front_desk_works_at_its_centres_and_everybody_else_at_all() -> None:
    rana = Person(
        "rana",
        1,
        {"ar": "رنا"},
        "rana@example.org",
        "ar",
        roles=frozenset({"front_desk", "trainer"}),
        centres=frozenset({"raqqa"}),
    )
    assert rana.works_as("front_desk", "raqqa")
    assert not rana.works_as("front_desk", "tabqa")
    assert rana.works_as("trainer", "tabqa")
    assert not rana.works_as("manager", "raqqa")
    assert not replace(rana, status="disabled").works_as("trainer", "tabqa")


class TestFacts:
    def test_the_version_is_the_aggregates(self) -> None:
        told = facts.organisation_of(organisation("nahr", version=7))
        assert (told.organisation_id, told.version, told.status) == ("nahr", 7, "approved")

    def test_a_revoked_membership_is_one_that_is_over(self) -> None:
        over = facts.membership_of(membership("sara", version=2, granted=False))
        assert (over.id, over.version, over.active) == ("hope.sara", 2, False)

    def test_a_person_comes_with_the_work_that_they_do(self) -> None:
        rana = facts.person_of(person("rana", roles=["front_desk"], centres=["raqqa"]))
        assert isinstance(rana, Person)
        assert rana.works_as("front_desk", "raqqa")

    def test_of_an_erased_person_nothing_is_left_but_the_id(self) -> None:
        erased = facts.person_of(person("rana", version=4, status="erased"))
        assert erased == ErasedPerson("rana", 4)

    @pytest.mark.parametrize(
        ("read", "event", "field"),
        [
            (facts.organisation_of, organisation("nahr"), "status"),
            (facts.membership_of, membership("sara"), "role"),
            (facts.person_of, person("rana"), "roles"),
        ],
    )
    def test_data_against_the_contract_are_for_a_person_to_look_at(
        self, read: object, event: object, field: str
    ) -> None:
        event.data.pop(field)  # type: ignore[attr-defined]
        with pytest.raises(Permanent, match=field):
            read(event)  # type: ignore[operator]


def test_the_facts_are_those_that_the_identity_publishes() -> None:
    names = {value.name for value in vars(identity).values() if hasattr(value, "dataschema")}
    assert names >= facts.ORGANISATIONS | facts.MEMBERSHIPS | facts.PEOPLE
