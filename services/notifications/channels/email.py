"""E-mail over SMTP: text and HTML in the recipient's language.

The Message-ID is made of recipient, event and channel, so a mail that is sent again, because
nobody knows whether it arrived, is the same mail to every program that sees both.
"""

from __future__ import annotations

from collections.abc import Callable
from email.header import Header
from email.headerregistry import Address
from email.message import Message as Mail
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import compat32
from email.utils import format_datetime, parseaddr, quote
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from services.common.bidi import FIRST_STRONG_ISOLATE, POP_ISOLATE, one_line
from services.common.calendars import CalendarEntry, write_mail_file
from services.common.clock import Clock
from services.common.contracts.fields import EMAIL_ADDRESS
from services.common.directory.people import Person
from services.common.languages import direction_of, in_language
from services.notifications.channels.outgoing import Outcome, Outgoing, Unreachable
from services.notifications.channels.smtp import MailSettings, Transport
from services.notifications.domain.delivery import Delivery
from services.notifications.domain.messages import Appointment, Text
from services.notifications.domain.rules.rule import EMAIL, INVITATIONS
from services.notifications.store.deliveries import Deliveries
from services.notifications.wording import Wording

TEMPLATES = Path(__file__).parent.parent / "templates"

# This policy writes headers as they are given. The newer ones of the library decode what looks like
# an encoded word in a value and write its line breaks (Python 3.11, 3.12), so that a person who
# chooses a name could add headers and a body.
_POLICY = compat32.clone(linesep="\r\n")
_LONGEST_LINE = 78  # RFC 5322, 2.1.1
_FOLD = "\r\n "


class EmailChannel(Outgoing):
    """Writes mails and hands them to the SMTP server."""

    name = EMAIL

    def __init__(
        self,
        deliveries: Deliveries,
        clock: Clock,
        wording: Wording,
        settings: MailSettings,
    ) -> None:
        super().__init__(deliveries, clock)
        self._wording = wording
        self._settings = settings
        name, sender = parseaddr(settings.sender)
        try:
            self._from = write_mailbox("From", name, sender)
        except Unreachable as error:
            raise ValueError(f"MAIL_FROM is not a mailbox: {settings.sender!r}") from error
        self._sender = Address(addr_spec=sender)
        self._transport = Transport(settings, self._sender)
        self._templates = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=select_autoescape(["html"]),
            undefined=StrictUndefined,
            keep_trailing_newline=True,
        )
        self._templates.filters["bdi"] = _isolated_in_html

    def prepare(self, delivery: Delivery, contact: Person) -> Callable[[], Outcome]:
        """See :class:`services.notifications.channels.outgoing.Outgoing`."""
        mail = self.compose(delivery, contact)
        return lambda: self._send(mail, contact.email)

    def compose(self, delivery: Delivery, contact: Person) -> bytes:
        """The mail as it goes out, in seven bits, so that no server on the way need know 8BITMIME.

        Raises:
            Unreachable: if the contact's address is none, or a value fits into no header.
        """
        language, text = delivery.language, delivery.text or Text("", "")
        direction = direction_of(language)
        name = one_line(in_language(contact.name, language))
        to = write_mailbox("To", name, contact.email)
        values = {
            "language": language,
            "direction": direction,
            "start": "right" if direction == "rtl" else "left",
            "product": self._wording.say("product.name", language),
            "greeting": self._wording.say("email.greeting", language, name=name),
            "title": text.title,
            "body": text.body,
            "details": text.details,
            "local_time": self._wording.say("email.local_time", language),
            "open": self._wording.say(_label_of(delivery.category, text), language),
            "url": f"{self._settings.public_url}{text.link or text.page}?language={language}",
        }
        words = MIMEMultipart("alternative", policy=_POLICY)
        for kind, template in (("plain", "email.txt"), ("html", "email.html")):
            words.attach(_part(kind, self._templates.get_template(template).render(values)))
        mail = words
        if text.appointment is not None:
            mail = MIMEMultipart("mixed", policy=_POLICY)
            mail.attach(words)
            mail.attach(self._calendar_of(text.appointment, contact.email))
        add_header(mail, "Message-ID", f"<{delivery.id}@{self._sender.domain}>")
        add_header(mail, "Date", format_datetime(delivery.dated))
        add_header(mail, "From", self._from)
        add_header(mail, "To", to)
        add_header(mail, "Subject", write_header("Subject", text.title))
        add_header(mail, "List-Id", f"<{delivery.category}.notifications.{self._sender.domain}>")
        # RFC 3834: a machine wrote this, so no holiday reply is wanted.
        add_header(mail, "Auto-Submitted", "auto-generated")
        add_header(mail, "Content-Language", language)
        return mail.as_bytes()

    def _calendar_of(self, appointment: Appointment, recipient: str) -> MIMEText:
        entry = CalendarEntry(
            uid=appointment.uid,
            sequence=appointment.sequence,
            status=appointment.status,
            starts_at=appointment.starts_at,
            ends_at=appointment.ends_at,
            title=appointment.title,
            place=appointment.place,
            changed_at=appointment.stamped_at,
        )
        written = write_mail_file(
            entry,
            method=appointment.method,
            organiser=self._sender.addr_spec,
            organiser_name=appointment.host,
            recipient=recipient,
        )
        part = MIMEText(written.decode(), "calendar", "utf-8", policy=_POLICY)
        part.set_param("method", appointment.method)
        part.add_header("Content-Disposition", "attachment", filename="meeting.ics")
        return part

    def close_idle(self) -> None:
        """See :class:`services.notifications.channels.outgoing.Outgoing`."""
        self._transport.close_idle()

    def _send(self, mail: bytes, recipient: str) -> Outcome:
        return self._transport.send(mail, recipient)


def write_header(name: str, text: str) -> str:
    """The text as the value of a header, folded: in encoded words (RFC 2047) where it is not short
    plain ASCII, or where a reading program would take it for an encoded word.

    Raises:
        Unreachable: if it cannot be encoded.
    """
    plain = text.isascii() and text.isprintable() and "=?" not in text
    if plain and len(name) + len(": ") + len(text) <= _LONGEST_LINE:
        return text
    try:
        # As one text: encoded word by word it would lose the spaces between the words.
        return Header(text, "utf-8", header_name=name).encode(linesep="\r\n")
    except UnicodeError as error:
        raise Unreachable(f"{name} cannot be encoded") from error


def write_mailbox(header: str, name: str, address: str) -> str:
    """A name with an address, as the value of a header.

    Raises:
        Unreachable: if the address is none, holds what would end it early, or letters beyond ASCII
            (which few servers take, RFC 6531); or if the name cannot be encoded.
    """
    if EMAIL_ADDRESS.fullmatch(address) is None:
        raise Unreachable("the address is not valid")
    shown = write_header(header, name)
    if shown == name:
        shown = f'"{quote(name)}"'
    return f"{shown} <{address}>"


def add_header(mail: Mail, name: str, value: str) -> None:
    """Add a header, with a value that is encoded and folded.

    Raises:
        Unreachable: if it holds a line break that would end the header.
    """
    unfolded = value.replace(_FOLD, "")
    if "\r" in unfolded or "\n" in unfolded:
        raise Unreachable(f"{name} holds a line break")
    mail[name] = value


def _label_of(category: str, text: Text) -> str:
    """The key of what stands on the button."""
    if text.link is None:
        return "email.open"
    return "email.reply" if category == INVITATIONS.name else "email.answer"


def _isolated_in_html(text: str) -> Markup:
    """The text for HTML, where elements isolate and not characters."""
    marked = str(escape(text)).replace(FIRST_STRONG_ISOLATE, "<bdi>")
    return Markup(marked.replace(POP_ISOLATE, "</bdi>"))  # noqa: S704 - escaped above


def _part(kind: str, text: str) -> MIMEText:
    """Raises:
    Unreachable: if the text cannot be encoded.
    """
    try:
        # The lines of a text end with CRLF before they are encoded (RFC 2045, 6.8).
        return MIMEText(text.replace("\n", "\r\n"), kind, "utf-8", policy=_POLICY)
    except UnicodeError as error:
        raise Unreachable("the text cannot be encoded") from error
