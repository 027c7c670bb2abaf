"""Who gets which message, when it is tried again, and how text of two directions is kept apart."""

from __future__ import annotations

import re
from collections.abc import Collection
from fnmatch import fnmatch
from unittest.mock import Mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.bookings.domain.series import Scope
from services.common.bidi import isolated, one_line
from services.common.contracts.bookings import events as bookings
from services.common.contracts.consultations import events as consultations
from services.common.contracts.identity import events as identity
from services.common.contracts.registry import event_types
from services.common.contracts.trainings import events as trainings
from services.notifications.app import compose
from services.notifications.domain import delivery, inbox, rules
from services.notifications.domain.delivery import State
from services.notifications.domain.rules.audiences import Audience, Group
from services.notifications.domain.rules.rule import EMAIL, INBOX
from services.notifications.operations import audiences as addressing
from services.notifications.service import PATTERNS
from tests.support.notifications import MAIL

CONTRACTS = (bookings, consultations, identity, trainings)

people = st.sets(st.text("abcdef", min_size=1, max_size=3), max_size=6)
actors = st.none() | st.text("abcdef", min_size=1, max_size=3)
told_types = st.sampled_from(
    sorted({rule.event_type for rule in rules.RULES if rule.audience is Audience.ACTOR})
)
invitations = st.sampled_from(
    sorted({rule.event_type for rule in rules.RULES if rule.audience is Audience.INVITED})
)


def people_of(members: set[str], actor: str | None) -> dict[Audience, Collection[str]]:
    return {Audience.MEMBERS: members, Audience.ACTOR: [actor] if actor else []}


@settings(deadline=None)  # a busy machine is no fault of ours
@given(told_types, people, actors)
def test_every_member_and_the_actor_is_told_once_and_nobody_else(
    event_type: str, members: set[str], actor: str | None
) -> None:
    told = rules.recipients(event_type, people_of(members, actor))
    names = [person for person, _ in told]
    assert len(names) == len(set(names))
    assert set(names) == members | ({actor} if actor else set())


@settings(deadline=None)  # a busy machine is no fault of ours
@given(told_types, people, actors)
def test_a_member_is_told_as_a_member_also_when_it_was_the_actor(
    event_type: str, members: set[str], actor: str | None
) -> None:
    for person, rule in rules.recipients(event_type, people_of(members, actor)):
        expected = Audience.MEMBERS if person in members else Audience.ACTOR
        assert rule.audience is expected


@settings(deadline=None)  # a busy machine is no fault of ours
@given(invitations, people, people, actors)
def test_who_is_invited_is_told_of_an_invitation_and_not_the_host(
    event_type: str, members: set[str], invited: set[str], actor: str | None
) -> None:
    host = people_of(members, actor)
    told = rules.recipients(event_type, host | {Audience.INVITED: invited})
    assert {person for person, _ in told} == invited
    told = rules.recipients(event_type, host | {Audience.GUEST: ["of an invitation"]})
    assert [(person, rule.channels) for person, rule in told] == [("of an invitation", (EMAIL,))]


def test_the_service_subscribes_to_every_event_that_the_table_names() -> None:
    unheard = {
        rule.event_type
        for rule in rules.RULES
        if not any(
            fnmatch(rule.event_type, pattern) for pattern in (*PATTERNS, *rules.SEALED_PATTERNS)
        )
    }
    assert not unheard, f"{unheard}: PATTERNS of the rules miss them"


def test_the_service_subscribes_to_what_ends_an_earlier_message() -> None:
    assert all(any(fnmatch(each, pattern) for pattern in PATTERNS) for each in rules.SILENT)


def test_a_category_of_one_name_is_one_category() -> None:
    """A person who turns it off means all of it."""
    categories = {rule.category for rule in rules.RULES}
    assert len(categories) == len({each.name for each in categories})


def test_a_template_is_of_one_publisher() -> None:
    """By it a message finds its publisher's wording."""
    publishers = {(rule.template, rule.event.publisher) for rule in rules.RULES}
    assert len(publishers) == len({template for template, _ in publishers})


def test_one_of_many_bookings_is_told_by_its_series() -> None:
    assert rules.is_part_of_another({"series_id": "s", "part_of": "s"})
    assert not rules.is_part_of_another({"series_id": "s"})


def test_a_series_that_was_split_off_is_told_as_a_change() -> None:
    created, changed = "bookings.series.created", "bookings.series.changed"
    assert rules.announced_as(created, {"follows": "s"}) == changed
    assert rules.announced_as(created, {}) == created
    assert rules.announced_as(changed, {"follows": "s"}) == changed
    assert rules.audiences(created) == rules.audiences(changed)


def test_all_that_leaves_the_house_overtakes_what_was_said_before() -> None:
    whole = {"scope": "all", "whole": True, "link_nonce": "n", "status": "offered"}
    for rule in rules.RULES:
        assert rules.overtakes(rule.event_type, whole) or rule.channels == (INBOX,), rule
    assert not rules.overtakes("bookings.booking.changed", {})
    assert not rules.overtakes("bookings.booking.completed", {})
    assert not rules.overtakes("bookings.invitation.replied", {})


def test_what_happens_to_a_part_of_a_series_overtakes_nothing() -> None:
    for event_type in ("bookings.series.changed", "bookings.series.cancelled"):
        for scope in Scope:
            for whole in (True, False):
                facts = {"scope": scope, "whole": whole}
                assert rules.overtakes(event_type, facts) is whole


def promised() -> set[str]:
    """The names of the events that the publishers promise."""
    return {each.name for contract in CONTRACTS for each in event_types(contract)}


def test_the_end_of_an_offer_is_nobodys_message_but_matters() -> None:
    assert promised() >= rules.SILENT
    for event_type in rules.SILENT:
        assert rules.recipients(event_type, people_of({"sara"}, "sara")) == []
        assert rules.matters(event_type)
        assert rules.overtakes(event_type, {})
    assert not rules.matters("bookings.booking.held")


def test_staff_who_act_for_an_organisation_get_no_mail_about_it() -> None:
    told = dict(rules.recipients("bookings.booking.cancelled", people_of({"sara"}, "desk")))
    assert told["desk"].channels == (INBOX,)
    assert EMAIL in told["sara"].channels


def test_every_row_names_an_event_that_its_publisher_tells() -> None:
    assert {rule.event_type for rule in rules.RULES} <= promised()


def test_every_row_names_channels_that_there_are() -> None:
    channels = compose(Mock(), MAIL, Mock()).channels
    assert {channel for rule in rules.RULES for channel in rule.channels} <= channels.keys()


def test_an_event_without_a_row_is_nobodys_message() -> None:
    assert rules.recipients("bookings.centre.hours_changed", people_of({"sara"}, "sara")) == []


def test_pauses_grow_and_end() -> None:
    pauses = [delivery.pause_after(n) for n in range(1, len(delivery.PAUSES) + 2)]
    assert pauses[-1] is None
    known = [pause for pause in pauses if pause is not None]
    assert known == sorted(set(known))


def test_nothing_follows_an_end() -> None:
    assert {State.SENT, State.FAILED, State.SKIPPED} == delivery.TRANSITIONS.ends
    for end in delivery.TRANSITIONS.ends:
        assert all(end not in delivery.TRANSITIONS.sources(state) for state in State)


def test_no_action_makes_a_message_unread_again_or_brings_it_back() -> None:
    order = list(inbox.State)
    moves = inbox.TRANSITIONS.items()
    assert all(order.index(target) > order.index(start) for (start, _), target in moves)


@settings(deadline=None)  # a busy machine is no fault of ours
@given(st.text())
def test_one_line_is_one_line_and_says_the_same_again(value: str) -> None:
    line = one_line(value)
    assert len(line.splitlines()) <= 1
    assert all(ord(c) >= 32 for c in line)
    assert one_line(line) == line


@settings(deadline=None)  # a busy machine is no fault of ours
@given(st.text(), st.sampled_from(["rtl", "ltr"]))
def test_no_value_can_turn_the_sentence_around_it(value: str, direction: str) -> None:
    shown = isolated(value, direction)
    inner = shown.removeprefix("\u2068").removesuffix("\u2069")
    assert not any("\u202a" <= c <= "\u202e" or "\u2066" <= c <= "\u2069" for c in inner)
    assert shown.count("\u2068") == shown.count("\u2069")


def test_only_what_the_direction_would_disturb_is_isolated() -> None:
    assert isolated("القاعة 2", "rtl") == "القاعة 2"
    assert isolated("Hall A", "rtl") == "\u2068Hall A\u2069"
    assert isolated("09-10", "rtl") == "\u206809-10\u2069"
    assert isolated("Hall A", "ltr") == "Hall A"
    assert isolated("09-10", "ltr") == "09-10"
    assert isolated("القاعة", "ltr") == "\u2068القاعة\u2069"


@pytest.mark.parametrize(
    "value",
    [
        "verify at evil.example",
        "https://evil.example/x",
        "www.evil.example",
        "a@b.example",
        "شركة.كوم",
    ],
)
def test_what_a_person_typed_makes_no_link(value: str) -> None:
    for direction in ("rtl", "ltr"):
        shown = isolated(value, direction)
        assert not re.search(r"\w[.@](?=[^\W\d_])|://", shown)
        assert isolated(shown, direction) == shown
        assert re.sub("[\u2060\u2068\u2069]", "", shown) == value


@pytest.mark.parametrize("value", ["10.5", "24.11.2026", "Dr. Ahmad", "Hall B.", "11:00"])
def test_a_number_or_the_end_of_a_sentence_stays_as_it_is(value: str) -> None:
    assert isolated(value, "ltr") == value


def test_each_kind_of_group_has_a_way_to_find_its_people() -> None:
    assert set(addressing.FIND) == set(Group)
