"""Who gets a message about which event, over which channels: one table for each publisher, beside
this file.

A person whom several rows of an event address gets one message, by the first of them. So the person
who caused an event gets it as a member of the organisation, or, where staff acted for an
organisation that they do not belong to, as a confirmation of their own. An event without a row is
nobody's message. Nor is one that is *part of* something greater, such as each booking of a series
that is changed as a whole: the series' own event has its row, and one message speaks of them all.

What comes later has its place here: a person's preferences choose among a row's ``channels`` by
its ``category``; quiet hours hold back what is not ``URGENT``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from services.notifications.domain.rules import (
    assessments,
    bookings,
    consultations,
    identity,
    trainings,
)
from services.notifications.domain.rules.audiences import Audience
from services.notifications.domain.rules.rule import INBOX, Publisher, Rule

PUBLISHERS: tuple[Publisher, ...] = (
    assessments.PUBLISHER,
    bookings.PUBLISHER,
    consultations.PUBLISHER,
    consultations.CAMPAIGNS,
    consultations.OFFERS,
    consultations.TASKS,
    identity.PUBLISHER,
    trainings.PUBLISHER,
)

RULES: tuple[Rule, ...] = tuple(rule for each in PUBLISHERS for rule in each.rules)

_BY_TYPE: Mapping[str, tuple[Rule, ...]] = {
    event_type: tuple(rule for rule in RULES if rule.event_type == event_type)
    for event_type in {rule.event_type for rule in RULES}
}
_ENDINGS = frozenset(event.name for each in PUBLISHERS for event in each.endings)
_WITHDRAWN = {
    event.name: frozenset(rule.event_type for rule in each.rules)
    for each in PUBLISHERS
    for event in each.withdrawing
}
_OVERTAKING = {
    event.name: overtakes for each in PUBLISHERS for event, overtakes in each.overtaking.items()
}
_ANNOUNCED = {
    event.name: announced for each in PUBLISHERS for event, announced in each.announced.items()
}
_UNANNOUNCED = {
    event.name: is_silent for each in PUBLISHERS for event, is_silent in each.unannounced.items()
}

SILENT = _ENDINGS - _BY_TYPE.keys()
"""Nobody gets a message about these, but they end what an earlier message speaks of."""


def _patterns(*, sealed: bool) -> tuple[str, ...]:
    publishers = [each for each in PUBLISHERS if each.sealed is sealed]
    named = {rule.event_type for each in publishers for rule in each.rules}
    named |= {event.name for each in publishers for event in each.endings}
    return tuple(sorted({f"{name.rpartition('.')[0]}.*" for name in named}))


PATTERNS = _patterns(sealed=False)
"""What to subscribe to for all events that the tables name."""

SEALED_PATTERNS = _patterns(sealed=True)
"""The same for sealed news."""

_SEALED_TYPES = frozenset(
    rule.event_type for each in PUBLISHERS if each.sealed for rule in each.rules
)


def rules_for(event_type: str) -> tuple[Rule, ...]:
    """The rows of an event type, in the table's order; empty when it is nobody's message."""
    return _BY_TYPE.get(event_type, ())


def matters(event_type: str) -> bool:
    """Whether anything is to be done about an event."""
    return event_type in _BY_TYPE or event_type in SILENT


def is_sealed(event_type: str) -> bool:
    """Whether only the recipient may know that there is a message."""
    return event_type in _SEALED_TYPES


def is_part_of_another(data: Mapping[str, Any]) -> bool:
    """Whether another event's message speaks of this one too.

    Args:
        data: of the event.
    """
    return data.get("part_of") is not None


def is_unannounced(event_type: str, data: Mapping[str, Any]) -> bool:
    """Whether nobody gets a message about this event, though others of its type are messages.

    Args:
        data: of the event.
    """
    return event_type in _UNANNOUNCED and _UNANNOUNCED[event_type](data)


def announced_as(event_type: str, data: Mapping[str, Any]) -> str:
    """The event type whose rows are for an event.

    Args:
        data: of the event.
    """
    return _ANNOUNCED[event_type](data).name if event_type in _ANNOUNCED else event_type


def overtakes(event_type: str, data: Mapping[str, Any]) -> bool:
    """Whether what was said of the same aggregate before does not hold any more once this has
    happened, so that a mail about it that has not gone out is better not sent: a person who read it
    after the news would believe it.

    That is so of all that leaves the house, because each message says how things stand now, and of
    what ends an earlier message's subject. A publisher names its exceptions.

    Args:
        data: of the event.
    """
    if event_type in _OVERTAKING:
        return _OVERTAKING[event_type](data)
    leaves = any(set(rule.channels) - {INBOX} for rule in rules_for(event_type))
    return leaves or event_type in _ENDINGS


def withdrawn_by(event_type: str) -> frozenset[str]:
    """The event types whose messages about a subject are in no inbox any more once this has
    happened to it."""
    return _WITHDRAWN.get(event_type, frozenset())


def may_be_withdrawn(event_type: str) -> bool:
    """Whether messages about events of this type may leave the inboxes again."""
    return any(event_type in each for each in _WITHDRAWN.values())


def audiences(event_type: str) -> frozenset[Audience]:
    """Whom the rows of an event type address."""
    return frozenset(rule.audience for rule in rules_for(event_type))


def recipients(
    event_type: str, people: Mapping[Audience, Collection[str]]
) -> list[tuple[str, Rule]]:
    """The people who get a message, each with the first row that addresses them, in a stable order.

    Args:
        people: ids of the people of each audience.
    """
    chosen: dict[str, Rule] = {}
    for rule in rules_for(event_type):
        for person in sorted(people.get(rule.audience, ())):
            chosen.setdefault(person, rule)
    return list(chosen.items())
