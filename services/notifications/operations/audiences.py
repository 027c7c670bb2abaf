"""The people whom an event addresses: each kind of group with how it is found."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from services.common.directory.people import Duty, membership_id
from services.common.events.envelope import CloudEvent
from services.notifications.domain import rules
from services.notifications.domain.rules.audiences import Audience, Group
from services.notifications.domain.rules.rule import Rule
from services.notifications.store.people import Known

Data = Mapping[str, Any]

_OF_ORGANISATIONS = frozenset({Group.MEMBERS, Group.REPRESENTATIVES})
# Their messages name the organisation, so it must be known too.
_OF_PEOPLE = frozenset({Group.ACTOR, Group.PERSON})
# Members of an event's data that name people in the texts.
_NAMED = frozenset({"changed_by", "invitation_id"})


def organisations(event: CloudEvent, data: Data) -> set[str]:
    """The organisations that must be known before the event's messages can be made."""
    found = set()
    for audience in rules.audiences(event.type):
        if audience.group in _OF_ORGANISATIONS:
            found.add(data.get(audience.member))
        elif audience.group in _OF_PEOPLE:
            found.add(data.get("organisation_id"))
    return {each for each in found if each is not None}


def named_people(event: CloudEvent, data: Data) -> set[str]:
    """The people and guests who are addressed by themselves, or whom the messages name."""
    audiences = rules.audiences(event.type)
    members = {each.member for each in audiences if each.group in _OF_PEOPLE} | _NAMED
    lists = {each.member for each in audiences if each.group is Group.PEOPLE}
    found = {data[each] for each in members if data.get(each) is not None}
    return found.union(*(data[each] for each in lists if data.get(each) is not None))


def duties(event: CloudEvent, data: Data) -> set[Duty]:
    """The staff whom the event addresses, by role and centre."""
    asked = (duty(each, data) for each in rules.audiences(event.type))
    return {each for each in asked if each is not None}


def duty(audience: Audience, data: Data) -> Duty | None:
    """The role and the centre by which a person gets a message, if it is as staff."""
    centre = data.get(audience.member)
    if audience.group is not Group.STAFF or centre is None:
        return None
    return Duty(audience.role, centre)


def guest(data: Data) -> str | None:
    """The id of an invited person without an account."""
    invited = data.get("invited_organisation_id")
    return data.get("invitation_id") if invited is None else None


def recipients(event: CloudEvent, data: Data, known: Known) -> list[tuple[str, Rule]]:
    """The people who get a message about the event, each with the rule that says so."""
    if not data.get("notifies_guest", True):
        return []
    event_type = rules.announced_as(event.type, data)
    people = {each: _people(each, event, data, known) for each in rules.audiences(event_type)}
    return rules.recipients(event_type, people)


def membership(rule: Rule, person: str, data: Data) -> str | None:
    """The id of the membership as which a person gets a message, if it is as a member."""
    if rule.audience.group not in _OF_ORGANISATIONS:
        return None
    return membership_id(data[rule.audience.member], person)


def _people(audience: Audience, event: CloudEvent, data: Data, known: Known) -> Collection[str]:
    named = data.get(audience.member)
    return () if named is None else FIND[audience.group](named, known, event, data, audience.role)


_Find = Callable[[Any, Known, CloudEvent, Data, str], Collection[str]]

FIND: Mapping[Group, _Find] = {
    Group.MEMBERS: lambda named, known, *_: known.members.get(named, ()),
    Group.REPRESENTATIVES: lambda named, known, *_: known.representatives.get(named, ()),
    Group.PERSON: lambda named, *_: (named,),
    Group.PEOPLE: lambda named, *_: tuple(named),
    Group.ACTOR: lambda named, _, event, *__: (named,) if event.actor_kind == "person" else (),
    Group.STAFF: lambda named, known, _, __, role: known.staff(Duty(role, named)),
    Group.GUEST: lambda named, _, __, data, ___: (named,) if guest(data) else (),
}
