"""Events → messages, by the rule table: one message per recipient, event and channel.

**Events that come before their organisation.** Bookings' events and the identity's travel apart, so
an event of a booking may arrive before its organisation, or one of an invitation before its guest.
(The guest's details are sent first, but they may be lost.) Such an event is *early*: it is left
untaken as :class:`NotYet`, so that the subscriber brings it again after 5 s, 30 s and 5 min. After
``PATIENCE`` from its first arrival it goes to the people who are known, if only the person who
caused it. If nobody at all is known it is parked, from where an operator can replay it: a message
is late or waits for a person, but is never lost.

An organisation that is known has the members that are known: none, if nobody was ever one or all
have left. Then its events are taken, and no member gets a message. (The identity publishes an
organisation's founding member before the organisation.)

A member whose own contact is not known yet is no obstacle: the inbox needs none, and the worker
looks the address up when it sends.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from services.common import logs, tracing
from services.common.directory.people import Person
from services.common.errors import NotYet, Permanent
from services.common.events.envelope import CloudEvent
from services.common.storage.mongo import AlreadyThere, Session
from services.notifications.app import App
from services.notifications.domain import rules
from services.notifications.domain.messages import Message, Text
from services.notifications.domain.rules.audiences import Audience
from services.notifications.domain.rules.rule import Rule
from services.notifications.operations import audiences
from services.notifications.schemas import facts_of
from services.notifications.store.people import Known
from services.notifications.wording.words import Names

_log = logs.get(__name__)

# Reached on the fourth delivery, after the delays of 5 s, 30 s and 5 min.
PATIENCE = timedelta(minutes=5)

_ORGANISATIONS = ("organisation_id", "invited_organisation_id")


@dataclass(frozen=True, slots=True)
class _ReadyEvent:
    """An event to apply, with its facts and the recipients."""

    event: CloudEvent
    facts: Mapping[str, Any]
    people: Sequence[tuple[str, Rule]]


def notify(app: App, events: Sequence[CloudEvent]) -> dict[str, Exception]:
    """Make the messages of these events, each event once, in one transaction, and note what was
    overtaken by them.

    Returns:
        The events that are left untaken, by id: ``NotYet`` for one that waits for its organisation,
        ``Permanent`` for one without a known recipient in time.

    Raises:
        Permanent: if an event's data is not what its contract says; nothing is done then.
    """
    facts = {event.id: (event, facts_of(event)) for event in events if rules.matters(event.type)}
    news = [(event, data) for event, data in facts.values() if not _is_silent(event, data)]
    known = _known(app, news)

    ready = [
        _ReadyEvent(event, data, ())
        for event, data in facts.values()
        if _is_silent(event, data) and _overtakes(event, data)
    ]
    early = {event.id: unknown for event, data in news if (unknown := _unknown(event, data, known))}
    waits = _still_waiting(app, early)
    untaken: dict[str, Exception] = {}
    for event, data in news:
        people = [
            (person, rule)
            for person, rule in audiences.recipients(event, data, known)
            if _gets_messages(person, known)
        ]
        if event.id in waits:
            untaken[event.id] = NotYet(f"waits for {sorted(early[event.id])}")
        elif event.id in early and not any(person in known.contacts for person, _ in people):
            # Left untaken, so that a replay from the parking queue finds it new.
            untaken[event.id] = Permanent(f"no recipient is known for {event.id}")
        else:
            ready.append(_ReadyEvent(event, data, people))

    if ready:
        _apply_ready(app, ready, known)
    return untaken


def _known(app: App, news: Sequence[tuple[CloudEvent, Mapping[str, Any]]]) -> Known:
    """Whom these events mean, and whom their messages name."""
    if not news:
        return Known({}, {}, {})
    return app.people.find_known(
        members_of={each for event, data in news for each in audiences.organisations(event, data)},
        organisations={data[each] for _, data in news for each in _ORGANISATIONS if data.get(each)},
        people={each for event, data in news for each in audiences.named_people(event, data)},
        duties={each for event, data in news for each in audiences.duties(event, data)},
    )


def _is_silent(event: CloudEvent, data: Mapping[str, Any]) -> bool:
    return (
        event.type in rules.SILENT
        or rules.is_part_of_another(data)
        or rules.is_unannounced(event.type, data)
    )


def _overtakes(event: CloudEvent, data: Mapping[str, Any]) -> bool:
    # Before the first version nothing was said.
    return event.aggregate_version > 1 and rules.overtakes(event.type, data)


def _unknown(event: CloudEvent, data: Mapping[str, Any], known: Known) -> set[str]:
    """The organisations and the guest that the event's rows address and that are not known yet."""
    unknown = audiences.organisations(event, data) - known.known_organisations
    guest = audiences.guest(data) if Audience.GUEST in rules.audiences(event.type) else None
    if guest is not None and guest not in known.contacts and guest not in known.erased:
        unknown.add(guest)
    return unknown


def _gets_messages(person: str, known: Known) -> bool:
    contact = known.contacts.get(person)
    return person not in known.erased and not (contact and contact.disabled)


def _still_waiting(app: App, early: Collection[str]) -> set[str]:
    """Those of the early events, by id, that may still find whom they mean."""
    now = app.clock.now()
    seen = app.early.first_seen(early, now)
    return {event_id for event_id, since in seen.items() if now - since < PATIENCE}


def _apply_ready(app: App, ready: Sequence[_ReadyEvent], known: Known) -> None:
    by_event = {
        each.event.id: _messages(app, each, known.contacts, known.organisations) for each in ready
    }
    overtaking = {each.event.id for each in ready if _overtakes(each.event, each.facts)}

    def effect(session: Session, fresh: Sequence[CloudEvent], *, skip_stored: bool) -> None:
        versions: dict[str, int] = {}
        for event in fresh:
            if event.id in overtaking:
                before = versions.get(event.aggregate, 0)
                versions[event.aggregate] = max(before, event.aggregate_version)
        app.subjects.overtake(session, versions, app.clock.now())
        for event in fresh:
            if withdrawn := rules.withdrawn_by(event.type):
                app.notifications.withdraw(session, event.subject, withdrawn)
        found = [each for event in fresh for each in by_event[event.id]]
        found = _standing(app, session, found)
        erased = app.directory.lock_named(
            session, {name for _, message in found for name in message.names}
        )
        accepted: defaultdict[str, list[Message]] = defaultdict(list)
        for rule, message in found:
            kept = message.nameless() if erased.intersection(message.names) else message
            for channel in rule.channels:
                accepted[channel].append(kept)
        for channel, messages in accepted.items():
            app.channels[channel].accept(session, messages, skip_stored=skip_stored)

    events = [each.event for each in ready]
    try:
        app.inbox.apply_once(events, partial(effect, skip_stored=False))
    except AlreadyThere:
        # A replay of an event so old that its note is deleted.
        app.inbox.apply_once(events, partial(effect, skip_stored=True))


def _standing(
    app: App, session: Session, found: Sequence[tuple[Rule, Message]]
) -> list[tuple[Rule, Message]]:
    """The messages without those that were withdrawn before they came: their event was late."""
    about = {each.aggregate for rule, each in found if rules.may_be_withdrawn(rule.event_type)}
    holds_from = app.subjects.holds_from(session, about)
    return [
        (rule, each)
        for rule, each in found
        if each.aggregate_version >= holds_from.get(each.aggregate, 0)
    ]


def _reply_link(app: App, facts: Mapping[str, Any]) -> str | None:
    """The path by which to answer: a form, or an invitation whose event has brought its nonce."""
    if "request_id" in facts and "campaign_id" in facts:
        asked = (facts["link_purpose"], facts["request_id"], facts["campaign_id"])
        return f"/campaign-links/{app.links.lasting_token(*asked)}"
    if "link_purpose" in facts:
        about = (facts["link_purpose"], facts["application_id"], facts["expires_at"])
        return f"/form-links/{app.links.expiring_token(*about)}"
    if "link_nonce" not in facts:
        return None
    return f"/invitations/{app.links.reply_token(facts['invitation_id'], facts['link_nonce'])}"


def _messages(
    app: App,
    each: _ReadyEvent,
    contacts: Mapping[str, Person],
    organisations: Mapping[str, Mapping[str, str]],
) -> list[tuple[Rule, Message]]:
    event = each.event
    actor = contacts.get(each.facts.get("changed_by", ""))
    guest = contacts.get(each.facts.get("invitation_id", ""))
    asked = each.facts.get("invited_organisation_id")
    names = Names(
        organisation=organisations.get(each.facts.get("organisation_id", "")),
        actor=actor.name if actor else None,
        invited=organisations.get(asked) if asked else (guest.name if guest else None),
    )
    link = _reply_link(app, each.facts)
    nameless = Names(
        organisation=names.organisation, invited=organisations.get(asked) if asked else None
    )
    named = tuple(each.person_id for each in (actor, None if asked else guest) if each)
    texts: dict[tuple[str, str], tuple[Text, Text | None]] = {}
    messages: list[tuple[Rule, Message]] = []
    for person, rule in each.people:
        contact = contacts.get(person)
        language = app.wording.language(contact.language if contact else None)
        if (rule.template, language) not in texts:
            write = partial(app.wording.write, rule.template, each.facts, stamped_at=event.time)
            text = write(names, language, link)
            without = write(nameless, language, link) if named else text
            texts[rule.template, language] = text, without if without != text else None
        text, anonymous = texts[rule.template, language]
        messages.append(
            (
                rule,
                Message(
                    recipient_id=person,
                    sender=each.facts.get("organisation_id") or person,
                    event_id=event.id,
                    event_type=event.type,
                    subject_id=event.subject,
                    aggregate=event.aggregate,
                    aggregate_version=event.aggregate_version,
                    category=rule.category.name,
                    urgency=rule.urgency.value,
                    language=language,
                    text=text,
                    occurred_at=event.time,
                    names=named,
                    anonymous=anonymous,
                    membership=audiences.membership(rule, person, each.facts),
                    duty=audiences.duty(rule.audience, each.facts),
                    # That of the span in which it is made, where it is one event's.
                    traceparent=tracing.current.get() or event.traceparent,
                ),
            )
        )
    return messages
