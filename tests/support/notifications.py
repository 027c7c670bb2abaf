"""Factories for tests of notifications: events as they come off the queue, and an SMTP server."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from functools import partial
from typing import Any

from aiosmtpd.controller import Controller

from services.common import clock
from services.common.clock import FixedClock
from services.common.context import Caller
from services.common.contracts.bookings import events as bookings
from services.common.contracts.consultations.events import (
    CAMPAIGN_REQUEST_REMINDED,
    CAMPAIGN_REQUEST_SENT,
    CAMPAIGN_REQUEST_WITHDRAWN,
    NEWS_SENT,
    OFFER_MADE,
    RECOMMENDATION_APPROVED,
    TASK_OPENED,
)
from services.common.contracts.identity import events as identity
from services.common.contracts.registry import EventType
from services.common.events.envelope import CloudEvent
from services.common.ids import new_id
from services.common.links import Links
from services.common.storage.deadlines import DeadlineRunner
from services.common.storage.mongo import Database
from services.notifications.app import App, compose
from services.notifications.channels.smtp import MailSettings
from services.notifications.domain.deadlines import DeadlineKind
from services.notifications.operations.deliver import close_idle_channels, deliver
from services.notifications.operations.identity_events import apply_events
from services.notifications.operations.notify import notify

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
STARTS = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)  # 12:00 in Damascus
GUEST_UNTIL = STARTS + timedelta(days=200, hours=2)
SERIES = "0190b0a5-7c1e-7000-8000-0000000000c1"
SPLIT_OFF = "0190b0a5-7c1e-7000-8000-0000000000c2"
ENTRY = "0190b0a5-7c1e-7000-8000-0000000000d1"
BOOKING = "0190b0a5-7c1e-7000-8000-0000000000b1"
NEWS = "0190b0a5-7c1e-7000-8000-0000000000e1"
INVITATION = "0190b0a5-7c1e-7000-8000-0000000000c1"
NONCE = "0190b0a5-7c1e-7000-8000-0000000000c2"
LINKS = Links("links of this test")

MAIL = MailSettings(
    host="127.0.0.1",
    port=1,  # nobody listens there
    sender="Masaha <no-reply@masaha.example>",
    public_url="https://masaha.example",
    per_second=0,
)


@contextmanager
def an_app(mongo_uri: str, mail: MailSettings = MAIL, name: str = "") -> Iterator[App]:
    """The application on a database of its own, with a clock that the test moves."""
    database = Database(mongo_uri, name or f"test_notifications_{new_id()[-12:]}")
    app = compose(database, mail, LINKS, clock=FixedClock(NOW))
    app.ensure_indexes()
    try:
        yield app
    finally:
        database.client.drop_database(database.collection("x").database.name)
        app.close()


def event(
    event_type: EventType,
    subject: str,
    version: int,
    data: dict[str, Any],
    *,
    at: datetime = NOW,
    actor_kind: str = "person",
) -> CloudEvent:
    event_type.check(data)
    return CloudEvent(
        id=new_id(),
        source=f"/masaha/{event_type.publisher}",
        type=event_type.name,
        subject=subject,
        time=at,
        dataschema=event_type.dataschema,
        data=data,
        aggregate_version=version,
        actor_kind=actor_kind,
    )


def person(
    person_id: str,
    language: str = "ar",
    *,
    version: int = 1,
    email: str = "",
    status: str = "active",
    roles: Sequence[str] = (),
    centres: Sequence[str] = (),
    **name: str,
) -> CloudEvent:
    """The details of a person, as they come before the event that speaks of it."""
    details = {
        "name": name or {"ar": "سارة الأحمد", "en": "Sara al-Ahmad"},
        "email": email or f"{person_id}@example.org",
        "language": language,
    }
    return event(
        identity.PERSON_DETAILS,
        person_id,
        version,
        {
            "person_id": person_id,
            "version": version,
            "status": status,
            "roles": list(roles),
            "centres": list(centres),
            "details": None if status == "erased" else details,
        },
    )


def erased(person_id: str, version: int) -> list[CloudEvent]:
    """What comes of the erasure of a person."""
    about = {"person_id": person_id, "version": version}
    return [
        person(person_id, version=version, status="erased"),
        event(identity.PERSON_ERASED, person_id, version, about),
    ]


def organisation(organisation_id: str = "hope", *, version: int = 1, **name: str) -> CloudEvent:
    return event(
        identity.ORGANISATION_REGISTERED if version == 1 else identity.ORGANISATION_APPROVED,
        organisation_id,
        version,
        {
            "organisation_id": organisation_id,
            "version": version,
            "name": name or {"ar": "جمعية الأمل", "en": "Hope Association"},
            "status": "approved",
        },
    )


def membership(
    person_id: str,
    organisation_id: str = "hope",
    *,
    version: int = 1,
    granted: bool = True,
    role: str = "member",
) -> CloudEvent:
    return event(
        identity.MEMBERSHIP_GRANTED if granted else identity.MEMBERSHIP_REVOKED,
        f"{organisation_id}.{person_id}",
        version,
        {
            "organisation_id": organisation_id,
            "person_id": person_id,
            "version": version,
            "role": role,
        },
    )


def case_news(news_id: str = NEWS, recipient: str = "sara") -> CloudEvent:
    data = {"recipient_id": recipient, "news_id": news_id}
    return event(NEWS_SENT, news_id, 1, data, actor_kind="system")


def assessed(event_type: EventType) -> CloudEvent:
    """An assessment of the organisation, agreed or verified."""
    data = {
        "assessment_id": ENTRY,
        "organisation_id": "hope",
        "instrument_id": "capacity-1",
        "family": "capacity",
        "status": event_type.name.rpartition(".")[2],
        "held_on": "2026-11-01",
        "mean": 2.3333,
        "domains": [],
        "topics": [],
        "version": 3,
        "changed_by": "sara",
    }
    return event(event_type, ENTRY, 3, data)


def recommended() -> CloudEvent:
    """A training that is recommended to the organisation."""
    data = {
        "recommendation_id": ENTRY,
        "organisation_id": "hope",
        "origin": "assessment",
        "origin_id": ENTRY,
        "help": "training",
        "target_id": "financial-management",
        "rank": 1,
        "status": "approved",
        "version": 2,
        "changed_by": "sara",
    }
    return event(RECOMMENDATION_APPROVED, ENTRY, 2, data)


def consultation_offered(person_id: str | None = "sara") -> CloudEvent:
    data = {
        "offer_id": "offer-1",
        "organisation_id": "hope",
        "person_id": person_id,
        "cohort_id": "cohort-1",
        "centre_id": "raqqa",
        "title": {"ar": "أساسيات الإدارة المالية", "en": "Financial management basics"},
        "version": 1,
    }
    return event(OFFER_MADE, "offer-1", 1, data, actor_kind="system")


def campaign_request(
    event_type: EventType = CAMPAIGN_REQUEST_SENT, person_id: str = "sara"
) -> CloudEvent:
    """A person who represents an organisation is asked to answer a needs study."""
    of_campaign = (CAMPAIGN_REQUEST_SENT, CAMPAIGN_REQUEST_REMINDED, CAMPAIGN_REQUEST_WITHDRAWN)
    version = 1 + of_campaign.index(event_type)
    data = {
        "request_id": ENTRY,
        "campaign_id": "campaign-1",
        "organisation_id": "hope",
        "person_id": person_id,
        "title": {"ar": "احتياجات الربيع", "en": "Spring needs"},
        "closes_at": "2026-12-06T08:00:00Z",
        "link_purpose": "campaign.request",
        "version": version,
    }
    return event(event_type, ENTRY, version, data, actor_kind="system")


def consultation_task(what: str = "room_lost", event_type: EventType = TASK_OPENED) -> CloudEvent:
    """For the front desk of Raqqa."""
    opened = event_type is TASK_OPENED
    data = {
        "task_id": ENTRY,
        "what": what,
        "subject": "appointment-1",
        "centre_id": "raqqa",
        "version": 1 if opened else 2,
        "changed_by": "system",
    }
    return event(event_type, ENTRY, data["version"], data, actor_kind="system")


def two_members_of_hope() -> list[CloudEvent]:
    """Sara reads Arabic, Omar English; both belong to the organisation."""
    return [
        organisation(),
        person("sara"),
        person("omar", "en", ar="عمر", en="Omar"),
        membership("sara"),
        membership("omar"),
    ]


def booking_data(**changes: Any) -> dict[str, Any]:
    return {
        "booking_id": BOOKING,
        "organisation_id": "hope",
        "centre_id": "raqqa",
        "space_id": "raqqa-hall",
        "centre_name": {"ar": "مركز الرقة", "en": "Raqqa centre"},
        "space_name": {"ar": "القاعة الكبرى", "en": "Main hall"},
        "time_zone": "Asia/Damascus",
        "starts_at": clock.to_wire(STARTS),
        "ends_at": clock.to_wire(STARTS + timedelta(hours=2)),
        "title": "اجتماع التنسيق",
        "purpose": "meeting",
        "status": "confirmed",
        "version": 1,
        "booked_by": "sara",
        "changed_by": "sara",
        **changes,
    }


def confirmed(*, actor_kind: str = "person", at: datetime = NOW, **changes: Any) -> CloudEvent:
    data = booking_data(**changes)
    return event(
        bookings.BOOKING_CONFIRMED, data["booking_id"], 1, data, at=at, actor_kind=actor_kind
    )


def rescheduled(**changes: Any) -> CloudEvent:
    data = booking_data(
        version=2,
        previous_space_id="raqqa-hall",
        previous_space_name={"ar": "القاعة الكبرى", "en": "Main hall"},
        previous_starts_at=clock.to_wire(STARTS - timedelta(days=1)),
        previous_ends_at=clock.to_wire(STARTS - timedelta(days=1) + timedelta(hours=2)),
        **changes,
    )
    return event(bookings.BOOKING_RESCHEDULED, data["booking_id"], 2, data)


def changed(**changes: Any) -> CloudEvent:
    return event(bookings.BOOKING_CHANGED, BOOKING, 2, booking_data(version=2, **changes))


def cancelled(reason: str | None = "صيانة", at: datetime = NOW, **changes: Any) -> CloudEvent:
    data = booking_data(version=2, status="cancelled", reason=reason, **changes)
    return event(bookings.BOOKING_CANCELLED, data["booking_id"], 2, data, at=at)


def requested(**changes: Any) -> CloudEvent:
    data = booking_data(status="pending", **changes)
    return event(bookings.BOOKING_REQUESTED, BOOKING, 1, data)


def rejected(reason: str = "تدريب في ذلك اليوم", **changes: Any) -> CloudEvent:
    data = booking_data(version=2, status="rejected", reason=reason, **changes)
    return event(bookings.BOOKING_REJECTED, BOOKING, 2, data)


def expired(**changes: Any) -> CloudEvent:
    data = booking_data(version=2, status="expired", changed_by="system", **changes)
    return event(bookings.BOOKING_EXPIRED, BOOKING, 2, data, actor_kind="system")


def no_show_corrected(**changes: Any) -> CloudEvent:
    changes = {"reason": "انقطعت الكهرباء", **changes}
    data = booking_data(version=3, status="checked_in", changed_by="desk", **changes)
    return event(bookings.BOOKING_NO_SHOW_CORRECTED, BOOKING, 3, data)


def check_in_undone(**changes: Any) -> CloudEvent:
    changes = {"reason": "سُجّل حضور منظمة أخرى", **changes}
    data = booking_data(version=3, changed_by="desk", **changes)
    return event(bookings.BOOKING_CHECK_IN_UNDONE, BOOKING, 3, data)


def end_changed(**changes: Any) -> CloudEvent:
    """It ends an hour earlier."""
    data = _with_other_end(STARTS + timedelta(hours=1), status="checked_in", **changes)
    return event(bookings.BOOKING_END_CHANGED, BOOKING, 3, data)


def ended(**changes: Any) -> CloudEvent:
    free_from = clock.to_wire(STARTS + timedelta(hours=1))
    data = _with_other_end(STARTS + timedelta(hours=1), status="completed", **changes)
    return event(bookings.BOOKING_ENDED, BOOKING, 3, data | {"free_from": free_from})


def _with_other_end(ends_at: datetime, **changes: Any) -> dict[str, Any]:
    before = booking_data()
    previous = {
        f"previous_{name}": before[name]
        for name in ("space_id", "space_name", "starts_at", "ends_at")
    }
    return booking_data(version=3, ends_at=clock.to_wire(ends_at), **previous, **changes)


def left_outside(**changes: Any) -> CloudEvent:
    reasons = {"ar": "تغيّرت أوقات الدوام.", "en": "The opening hours have changed."}
    data = booking_data(version=2, changed_by="desk", reason=reasons["ar"], **changes)
    return event(bookings.BOOKING_LEFT_OUTSIDE, BOOKING, 2, data | {"reasons": reasons})


def no_show(**changes: Any) -> CloudEvent:
    data = booking_data(version=2, status="no_show", changed_by="system", **changes)
    data["free_from"] = clock.to_wire(STARTS + timedelta(minutes=30))
    return event(bookings.BOOKING_NO_SHOW, BOOKING, 2, data, actor_kind="system")


def series_data(**changes: Any) -> dict[str, Any]:
    data = {
        **booking_data(),
        "series_id": SERIES,
        "rrule": "FREQ=WEEKLY;COUNT=4",
        "scope": "all",
        "occurrences": 3,
        "whole": True,
        "rejected": 0,
        "status": "active",
        **changes,
    }
    del data["booking_id"]
    return data


def series_created(**changes: Any) -> CloudEvent:
    return event(bookings.SERIES_CREATED, SERIES, 1, series_data(rejected=1, **changes))


def series_changed(**changes: Any) -> CloudEvent:
    return event(bookings.SERIES_CHANGED, SERIES, 2, series_data(version=2, **changes))


def series_split(**changes: Any) -> list[CloudEvent]:
    """The following occurrences become a series of their own, with that one's first event."""
    earlier = series_data(scope="following", version=2, part_of=SPLIT_OFF, **changes)
    split_off = series_data(series_id=SPLIT_OFF, follows=SERIES, title="أكبر", **changes)
    return [
        event(bookings.SERIES_CHANGED, SERIES, 2, earlier | {"whole": False}),
        event(bookings.SERIES_CREATED, SPLIT_OFF, 1, split_off),
    ]


def split_off_changed(**changes: Any) -> CloudEvent:
    data = series_data(series_id=SPLIT_OFF, follows=SERIES, version=2, **changes)
    return event(bookings.SERIES_CHANGED, SPLIT_OFF, 2, data)


def series_cancelled(**changes: Any) -> CloudEvent:
    data = series_data(version=3, reason="صيانة", **changes)
    return event(bookings.SERIES_CANCELLED, SERIES, 3, data)


def waitlist_data(**changes: Any) -> dict[str, Any]:
    return {
        "entry_id": ENTRY,
        "organisation_id": "hope",
        "centre_id": "raqqa",
        "centre_name": {"ar": "مركز الرقة", "en": "Raqqa centre"},
        "time_zone": "Asia/Damascus",
        "window_from": clock.to_wire(STARTS),
        "window_to": clock.to_wire(STARTS + timedelta(hours=5)),
        "duration_minutes": 120,
        "title": "اجتماع التنسيق",
        "purpose": "meeting",
        "status": "offered",
        "version": 2,
        "booked_by": "sara",
        "changed_by": "system",
        **changes,
    }


def waitlist_offered(**changes: Any) -> CloudEvent:
    data = waitlist_data(
        booking_id=BOOKING,
        space_id="raqqa-hall",
        space_name={"ar": "القاعة الكبرى", "en": "Main hall"},
        starts_at=clock.to_wire(STARTS),
        ends_at=clock.to_wire(STARTS + timedelta(hours=2)),
        expires_at=clock.to_wire(NOW + timedelta(hours=2)),
        **changes,
    )
    return event(bookings.WAITLIST_OFFERED, ENTRY, 2, data, actor_kind="system")


def waitlist_withdrawn(**changes: Any) -> CloudEvent:
    data = waitlist_data(
        version=3,
        status="waiting",
        booking_id=BOOKING,
        space_id="raqqa-hall",
        space_name={"ar": "القاعة الكبرى", "en": "Main hall"},
        starts_at=clock.to_wire(STARTS),
        ends_at=clock.to_wire(STARTS + timedelta(hours=2)),
        **changes,
    )
    return event(bookings.WAITLIST_WITHDRAWN, ENTRY, 3, data)


def waitlist_expired(**changes: Any) -> CloudEvent:
    data = waitlist_data(version=3, status="expired", **changes)
    return event(bookings.WAITLIST_EXPIRED, ENTRY, 3, data, actor_kind="system")


def waitlist_ended(how: str) -> CloudEvent:
    """Of an entry that was offered something: accepted, declined or left."""
    offered = waitlist_offered(status=how, version=3)
    kind = {
        "accepted": bookings.WAITLIST_ACCEPTED,
        "declined": bookings.WAITLIST_DECLINED,
        "left": bookings.WAITLIST_LEFT,
    }[how]
    data = waitlist_data(status=how, version=3) if how == "left" else dict(offered.data)
    return event(kind, ENTRY, 3, data)


def invitation_data(**changes: Any) -> dict[str, Any]:
    """An invitation of Hope's to Salma, who has no account."""
    data = {
        "invitation_id": INVITATION,
        "invited_organisation_id": None,
        **booking_data(),
        **changes,
    }
    for member in ("purpose", "status", "booked_by"):
        del data[member]
    return data


def guest(
    language: str = "ar", *, name: str = "سلمى", version: int = 1, erased: bool = False
) -> CloudEvent:
    """Salma's details, as they come before her invitation."""
    details = {"name": name, "email": "salma@example.org", "language": language}
    return event(
        bookings.GUEST_DETAILS,
        INVITATION,
        version,
        {
            "invitation_id": INVITATION,
            "version": version,
            "until": clock.to_wire(GUEST_UNTIL),
            "details": None if erased else details,
        },
    )


def invited(organisation_id: str | None = None) -> CloudEvent:
    """To Salma, or to the organisation named."""
    data = invitation_data(invited_organisation_id=organisation_id, link_nonce=NONCE)
    return event(bookings.INVITATION_ISSUED, INVITATION, 1, data)


def invited_guest(language: str = "ar", *, name: str = "سلمى") -> list[CloudEvent]:
    """Salma's details and her invitation."""
    return [guest(language, name=name), invited()]


def meeting_moved(version: int = 2, **changes: Any) -> CloudEvent:
    data = invitation_data(
        version=version,
        previous_space_name={"ar": "القاعة الكبرى", "en": "Main hall"},
        previous_starts_at=clock.to_wire(STARTS - timedelta(days=1)),
        previous_ends_at=clock.to_wire(STARTS - timedelta(days=1) + timedelta(hours=2)),
        link_nonce=NONCE,
        **changes,
    )
    return event(bookings.INVITATION_CHANGED, INVITATION, version, data, actor_kind="system")


def meeting_off(version: int = 3, *, notifies_guest: bool = True, **changes: Any) -> CloudEvent:
    data = invitation_data(
        version=version, reason="صيانة", notifies_guest=notifies_guest, **changes
    )
    return event(bookings.INVITATION_CALLED_OFF, INVITATION, version, data, actor_kind="system")


def invitation_revoked(version: int = 2, **changes: Any) -> CloudEvent:
    data = invitation_data(version=version, **changes)
    return event(bookings.INVITATION_REVOKED, INVITATION, version, data)


def replied(answer: str = "yes", people: int = 2, **changes: Any) -> CloudEvent:
    data = invitation_data(version=2, answer=answer, people=people, changed_by="visitor", **changes)
    return event(bookings.INVITATION_REPLIED, INVITATION, 2, data, actor_kind="visitor")


def asked_to_join(person_id: str | None = "omar", **changes: Any) -> CloudEvent:
    data = {
        "invitation_id": INVITATION,
        "organisation_id": "hope",
        "person_id": person_id,
        "role": "member",
        "invited_by": "sara",
        "changed_by": "sara",
        "expires_at": "2026-12-08T09:00:00Z",
        "version": 1,
        **changes,
    }
    return event(identity.INVITATION_ISSUED, INVITATION, 1, data)


def join_answered(accepted: bool = True, **changes: Any) -> CloudEvent:
    """Omar's answer to Sara, who has invited him into Hope."""
    data = dict(asked_to_join(**{"version": 2, "changed_by": "omar", **changes}).data)
    kind = identity.INVITATION_ACCEPTED if accepted else identity.INVITATION_DECLINED
    return event(kind, INVITATION, 2, data)


def arrive(app: App, *events: CloudEvent) -> dict[str, Exception]:
    """What the subscriber does with a batch; returns what was left untaken."""
    apply_events(app, events)
    return notify(app, events)


def waiting(app: App) -> int:
    """How many deliveries are still to be sent."""
    return app.database.collection("deliveries").count_documents({"due_at": {"$exists": True}})


def send_due(app: App) -> None:
    """What the worker does with everything that is due now."""
    handlers = {DeadlineKind.DELIVERY: partial(deliver, app)}
    runner = DeadlineRunner("test", app.due, handlers, app.clock, partial(close_idle_channels, app))
    while runner.step():
        pass
    close_idle_channels(app)


def signed_in(person_id: str) -> Caller:
    return Caller(id=person_id)


class Mailbox:
    """An SMTP server's handler: keeps mails, and answers as the test says.

    Attributes:
        answers: for the next mails' DATA, in turn; then 250. ``None`` takes the mail and hangs up.
        refuse: answers for RCPT, by address.
        thinks: seconds before it answers a mail's DATA.
        hesitates: seconds before it answers MAIL and RCPT.
        most_at_once: how many mails it was sent at a time, at most.
        greetings, goodbyes: how often a client introduced itself, and took its leave.
    """

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.answers: list[str | None] = []
        self.refuse: dict[str, str] = {}
        self.thinks = 0.0
        self.hesitates = 0.0
        self.most_at_once = 0
        self.greetings = 0
        self.goodbyes = 0
        self._now = 0

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        self.greetings += 1
        session.host_name = hostname
        return responses

    async def handle_QUIT(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.goodbyes += 1
        return "221 bye"

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        await asyncio.sleep(self.hesitates)  # A slow server, on purpose.
        envelope.mail_from = address
        return "250 ok"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        await asyncio.sleep(self.hesitates)  # A slow server, on purpose.
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        answer = self.answers.pop(0) if self.answers else "250 kept"
        if answer is None or answer.startswith("250"):
            mail = message_from_bytes(envelope.content, _class=EmailMessage, policy=default)
            self.mails.append(mail)
            self.recipients += envelope.rcpt_tos
        self._now += 1
        self.most_at_once = max(self.most_at_once, self._now)
        await asyncio.sleep(self.thinks)  # A slow server, on purpose.
        self._now -= 1
        if answer is None:
            server.transport.abort()
            return "451 never heard"
        return answer


@contextmanager
def a_mail_server(port: int, **options: Any) -> Iterator[Mailbox]:
    """A server on this port; the options are those of aiosmtpd's controller."""
    mailbox = Mailbox()
    controller = Controller(mailbox, hostname="127.0.0.1", port=port, **options)
    controller.start()
    try:
        yield mailbox
    finally:
        controller.stop()
