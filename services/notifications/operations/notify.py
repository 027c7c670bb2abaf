"""Events → messages, by the rule table: one message per recipient, event and channel.

**Events that come before their organisation.** Bookings' events and the gateway's travel apart, so
a booking may be heard of before anybody is known to belong to its organisation. Such an event is
*early*: it is left untaken and :class:`Early` is raised, so that the subscriber brings it again
after 5 s, 30 s and 5 min. After ``PATIENCE`` from its first arrival it goes to whoever is known,
if only the person who caused it. If nobody at all is known it is parked, from where an operator
can replay it: a message is late or waits for a person, but is never lost.

A member whose own contact is not known yet is no obstacle: the inbox needs none, and the worker
looks the address up when it sends.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from services.common import logs
from services.common.errors import Permanent
from services.common.events.envelope import CloudEvent
from services.common.storage.mongo import Session
from services.notifications.app import App
from services.notifications.domain import rules
from services.notifications.domain.messages import Message, Text
from services.notifications.domain.people import Contact
from services.notifications.schemas import facts_of
from services.notifications.wording import Names

_log = logs.get(__name__)

# Reached on the fourth delivery, after the delays of 5 s, 30 s and 5 min.
PATIENCE = timedelta(minutes=5)


class Early(Exception):
    """The organisation of an event is not known yet: bring the event again later."""


@dataclass(frozen=True, slots=True)
class _Told:
    """An event that the rule table names, with its facts and the people to tell."""

    event: CloudEvent
    facts: Mapping[str, Any]
    people: Sequence[tuple[str, rules.Rule]]


def notify(app: App, events: Sequence[CloudEvent]) -> None:
    """Make the messages of these events, each event once, in one transaction.

    Raises:
        Early: after the others are done, if an event has to wait for its organisation.
        Permanent: if an event's data is not what its contract says (nothing is done then), or
            nobody has become known for it.
    """
    facts = {event.id: (event, facts_of(event)) for event in events if rules.rules_for(event.type)}
    if not facts:
        return
    members = app.people.members_of({data["organisation_id"] for _, data in facts.values()})

    ready: list[_Told] = []
    early: list[CloudEvent] = []
    lost: list[CloudEvent] = []
    for event, data in facts.values():
        known = members.get(data["organisation_id"])
        people = rules.told(event.type, members=known or (), actor=_actor(event, data))
        if known is None and not _waited_enough(app, event):
            early.append(event)
        elif known is None and not _anybody_known(app, people):
            # Left untaken, so that a replay from the parking queue finds it new.
            lost.append(event)
        else:
            ready.append(_Told(event, data, people))

    if ready:
        _take(app, ready)
    if early:
        raise Early(f"{len(early)} events wait for their organisations, {early[0].id} first")
    if lost:
        raise Permanent(f"nobody is known to be told of {lost[0].id}")


def _anybody_known(app: App, people: Sequence[tuple[str, rules.Rule]]) -> bool:
    return bool(app.people.contacts([person for person, _ in people]))


def _waited_enough(app: App, event: CloudEvent) -> bool:
    now = app.clock.now()
    return now - app.early.first_seen(event.id, now) >= PATIENCE


def _actor(event: CloudEvent, data: Mapping[str, Any]) -> str | None:
    return data["changed_by"] if event.actor_kind == "person" else None


def _take(app: App, ready: Sequence[_Told]) -> None:
    contacts = app.people.contacts(
        {person for told in ready for person, _ in told.people}
        | {told.facts["changed_by"] for told in ready}
    )
    organisations = app.people.organisation_names({told.facts["organisation_id"] for told in ready})
    by_event = {
        told.event.id: _messages(
            app, told, contacts, organisations.get(told.facts["organisation_id"])
        )
        for told in ready
    }

    def effect(session: Session, fresh: Sequence[CloudEvent]) -> None:
        accepted: defaultdict[str, list[Message]] = defaultdict(list)
        for event in fresh:
            for rule, message in by_event[event.id]:
                for channel in rule.channels:
                    accepted[channel].append(message)
        for channel, messages in accepted.items():
            app.channels[channel].accept(session, messages)

    app.inbox.take([told.event for told in ready], effect)


def _messages(
    app: App,
    told: _Told,
    contacts: Mapping[str, Contact],
    organisation: Mapping[str, str] | None,
) -> list[tuple[rules.Rule, Message]]:
    event = told.event
    actor = contacts.get(told.facts["changed_by"])
    names = Names(organisation=organisation, actor=actor.name if actor else None)
    texts: dict[tuple[str, str], Text] = {}
    messages: list[tuple[rules.Rule, Message]] = []
    for person, rule in told.people:
        contact = contacts.get(person)
        language = app.wording.language(contact.language if contact else None)
        text = texts.get((rule.template, language))
        if text is None:
            text = app.wording.booking(rule.template, told.facts, names, language)
            texts[rule.template, language] = text
        messages.append(
            (
                rule,
                Message(
                    recipient_id=person,
                    event_id=event.id,
                    event_type=event.type,
                    subject_id=event.subject,
                    category=rule.category,
                    urgency=rule.urgency.value,
                    language=language,
                    text=text,
                    occurred_at=event.time,
                ),
            )
        )
    return messages
