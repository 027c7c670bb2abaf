"""A message to one person about one event, before any channel has taken it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid5

from services.common.directory.people import Duty

# A name space of our own, so that ids are the same in every process, at every time.
_NAMESPACE = UUID("3f0a6c2e-6a51-5b0e-9a53-0d5c1f6f7b21")


@dataclass(frozen=True, slots=True)
class Appointment:
    """What a message says to the recipient's calendar.

    Attributes:
        uid: the same for ever, also after changes of the booking.
        sequence: a higher one takes the place of a lower one.
        cancelled: it does not take place, or not with the recipient.
        tentative: it waits for the front desk.
        stamped_at: when this was so.
    """

    uid: str
    sequence: int
    cancelled: bool
    tentative: bool
    starts_at: datetime
    ends_at: datetime
    title: str
    place: str
    host: str
    stamped_at: datetime

    @property
    def method(self) -> str:
        """What a calendar program is to do with it (RFC 5546)."""
        return "CANCEL" if self.cancelled else "REQUEST"

    @property
    def status(self) -> str:
        """The status of the event (RFC 5545, 3.8.1.11)."""
        if self.cancelled:
            return "CANCELLED"
        return "TENTATIVE" if self.tentative else "CONFIRMED"


@dataclass(frozen=True, slots=True)
class Text:
    """The words of a message in one language.

    Attributes:
        title: one line.
        body: one or a few sentences that say everything needed.
        details: label and value, in the order to show them; for channels with room for a table.
        link: path by which to answer; a secret of the recipient.
        page: path of the page about it, which reveals nothing.
        appointment: for the recipient's calendar, where the message is about one.
    """

    title: str
    body: str
    details: tuple[tuple[str, str], ...] = ()
    link: str | None = None
    page: str = "/"
    appointment: Appointment | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One person, one event.

    Attributes:
        sender: the organisation whose doing it is about; it takes turns with others.
        membership: id of the membership that makes the person a recipient; None for other
            recipients.
        duty: the staff role that makes the person a recipient; None for other recipients.
        subject_id: what the event is about, such as a booking's id.
        aggregate: the same, with its publisher and kind.
        aggregate_version: which the event has made of it.
        occurred_at: when it happened, UTC; the order of an inbox.
        names: ids of the people and guests whose names are in the text.
        anonymous: the text without these names, to take its place once one of them is erased.
        traceparent: of the request that led to the event.
    """

    recipient_id: str
    sender: str
    event_id: str
    event_type: str
    subject_id: str
    aggregate: str
    aggregate_version: int
    category: str
    urgency: str
    language: str
    text: Text
    occurred_at: datetime
    names: tuple[str, ...] = ()
    anonymous: Text | None = None
    membership: str | None = None
    duty: Duty | None = None
    traceparent: str | None = None

    def nameless(self) -> Message:
        """The same without the names of people and guests."""
        return replace(self, text=self.anonymous or self.text, names=(), anonymous=None)

    def key(self, channel: str) -> str:
        """The id of this message on a channel: the same however often the event arrives.

        It is the document's id, and from it the Message-ID of a mail is made.
        """
        return str(uuid5(_NAMESPACE, f"{self.recipient_id}|{self.event_id}|{channel}"))
