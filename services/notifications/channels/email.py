"""E-mail over SMTP: text and HTML in the recipient's language.

The Message-ID is made of recipient, event and channel, so a mail that is sent again, because
nobody knows whether it arrived, is the same mail to every program that sees both.
"""

from __future__ import annotations

import re
import smtplib
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from email.errors import MessageError
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime, parseaddr
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from services.common.clock import Clock
from services.common.storage.deadlines import Deadlines
from services.notifications.channels.outgoing import Outcome, Outgoing, Unreachable
from services.notifications.domain.bidi import direction, one_line
from services.notifications.domain.delivery import Delivery, State
from services.notifications.domain.messages import Text
from services.notifications.domain.people import Contact, in_language
from services.notifications.domain.rules import EMAIL, INVITATIONS
from services.notifications.store import Deliveries
from services.notifications.wording import Wording

TEMPLATES = Path(__file__).parent.parent / "templates"

# Six short steps and the two of the mail itself end together within a deadline's lease of 60 s.
# A server looks at a mail's content before it answers, so that answer has longest: giving up early
# means not knowing, and sending again.
STEP_SECONDS = 4.0
MAIL_SECONDS = 15.0
_GOODBYE_SECONDS = 1.0
_LONGEST_REASON = 200
_FOOTER = "email.footer"
_FOOTERS = {INVITATIONS: "email.footer.invitations"}
_TEMPORARY_FROM, _PERMANENT_FROM = 400, 500


@dataclass(frozen=True, slots=True)
class MailSettings:
    """How mail leaves.

    Attributes:
        host, port: of the SMTP server.
        sender: ``Name <address>``; its domain also names Message-ID and List-Id.
        public_url: where a person opens Masaha.
        per_second: most mails in a second; providers refuse those who send faster, and a backlog
            must not take the machine from the requests of people. 0 is no limit.
    """

    host: str
    port: int
    sender: str
    public_url: str
    per_second: float = 20.0


class _Policy(EmailPolicy):
    """SMTP's policy with whole encoded words (RFC 2047) where a header is not ASCII.

    The library's own folding encodes word by word and loses the space between a number and an
    encoded word next to it, so that "24 November" in Arabic arrives as one word.
    """

    def fold_binary(self, name: str, value: Any) -> bytes:
        """One header as it goes out."""
        text = str(value)
        if text.isascii():
            return super().fold_binary(name, value)
        if hasattr(value, "addresses"):
            text = ", ".join(
                f"{_encoded(name, mailbox.display_name)} <{mailbox.addr_spec}>"
                for mailbox in value.addresses
            )
            return f"{name}: {text}\r\n".encode("ascii")
        return f"{name}: {_encoded(name, text)}\r\n".encode("ascii")


# Seven bits throughout, so that no server on the way need know 8BITMIME.
_POLICY = _Policy(linesep=SMTP.linesep, cte_type="7bit")


def _encoded(header: str, text: str) -> str:
    return Header(text, "utf-8", header_name=header).encode(linesep="\r\n")


class EmailChannel(Outgoing):
    """Writes mails and hands them to the SMTP server."""

    name = EMAIL

    def __init__(
        self,
        deliveries: Deliveries,
        deadlines: Deadlines,
        clock: Clock,
        wording: Wording,
        settings: MailSettings,
    ) -> None:
        super().__init__(deliveries, deadlines, clock)
        self._wording = wording
        self._settings = settings
        self._pace = Pace(settings.per_second)
        try:
            self._sender = _address(*parseaddr(settings.sender))
        except Unreachable as error:
            raise ValueError(f"MAIL_FROM is not a mailbox: {settings.sender!r}") from error
        self._templates = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=select_autoescape(["html"]),
            undefined=StrictUndefined,
            keep_trailing_newline=True,
        )

    def prepare(self, delivery: Delivery, contact: Contact) -> Callable[[], Outcome]:
        """See :class:`services.notifications.channels.outgoing.Outgoing`."""
        mail = self.compose(delivery, contact)
        return lambda: self._send(mail, contact.email)

    def compose(self, delivery: Delivery, contact: Contact) -> EmailMessage:
        """The mail as it goes out; the same delivery makes the same mail each time.

        Raises:
            Unreachable: if the contact's address is none.
        """
        language, text = delivery.language, delivery.text or Text("", "")
        name = one_line(in_language(contact.name, language))
        mail = EmailMessage(policy=_POLICY)
        mail["Message-ID"] = f"<{delivery.id}@{self._sender.domain}>"
        mail["Date"] = format_datetime(delivery.queued_at)
        mail["From"] = self._sender
        mail["To"] = _address(name, contact.email)
        # One line already: the wording makes every value so, and isolates it.
        mail["Subject"] = text.title
        mail["List-Id"] = f"<{delivery.category}.notifications.{self._sender.domain}>"
        # RFC 3834: a machine wrote this, so no holiday reply is wanted.
        mail["Auto-Submitted"] = "auto-generated"
        values = {
            "language": language,
            "direction": direction(language),
            "start": "right" if direction(language) == "rtl" else "left",
            "product": self._wording.say("product.name", language),
            "greeting": self._wording.say("email.greeting", language, name=name),
            "title": text.title,
            "body": text.body,
            "details": text.details,
            "local_time": self._wording.say("email.local_time", language),
            "open": self._wording.say("email.reply" if text.link else "email.open", language),
            "footer": self._wording.say(_FOOTERS.get(delivery.category, _FOOTER), language),
            "url": f"{self._settings.public_url}{text.link or ''}",
        }
        mail.set_content(self._templates.get_template("email.txt").render(values))
        mail.add_alternative(
            self._templates.get_template("email.html").render(values), subtype="html"
        )
        # Last, because setting the content drops every header that is named after content.
        mail["Content-Language"] = language
        return mail

    def _send(self, mail: EmailMessage, recipient: str) -> Outcome:
        self._pace.wait()
        try:
            smtp = smtplib.SMTP(
                self._settings.host,
                self._settings.port,
                # Without it, smtplib asks the DNS for a name of this machine, and tells it.
                local_hostname=self._sender.domain,
                timeout=STEP_SECONDS,
            )
        except smtplib.SMTPResponseException as error:
            # The server will not talk to us at all: that says nothing about the recipient.
            return Outcome(State.QUEUED, _reason(error.smtp_code, error.smtp_error))
        except (OSError, smtplib.SMTPException) as error:
            return Outcome(State.QUEUED, f"no connection: {type(error).__name__}")
        try:
            return self._converse(smtp, mail.as_bytes(), recipient)
        finally:
            with suppress(OSError, smtplib.SMTPException):
                _set_timeout(smtp, _GOODBYE_SECONDS)
                smtp.quit()
            smtp.close()

    def _converse(self, smtp: smtplib.SMTP, mail: bytes, recipient: str) -> Outcome:
        try:
            smtp.ehlo_or_helo_if_needed()
            for step, address in ((smtp.mail, self._sender.addr_spec), (smtp.rcpt, recipient)):
                code, said = step(address)
                if code >= _TEMPORARY_FROM:
                    return _refusal(code, said, recipient)
        except smtplib.SMTPResponseException as error:
            return Outcome(State.QUEUED, _reason(error.smtp_code, error.smtp_error))
        except (OSError, smtplib.SMTPException) as error:
            return Outcome(State.QUEUED, f"before the mail: {type(error).__name__}")
        try:
            _set_timeout(smtp, MAIL_SECONDS)
            code, said = smtp.data(mail)
        except smtplib.SMTPDataError as error:
            # The answer to the command DATA itself: nothing of the mail has gone out.
            return _refusal(error.smtp_code, error.smtp_error, recipient)
        except (OSError, smtplib.SMTPException) as error:
            return Outcome(State.UNKNOWN, f"after the mail: {type(error).__name__}")
        return Outcome(State.SENT) if code < _TEMPORARY_FROM else _refusal(code, said, recipient)


class Pace:
    """Lets callers through at most so many times a second."""

    def __init__(self, per_second: float) -> None:
        self._interval = 1 / per_second if per_second > 0 else 0.0
        self._next = 0.0
        self._lock = threading.Lock()

    def wait(self) -> None:
        """Return when it is the caller's turn."""
        with self._lock:
            now = time.monotonic()
            turn = max(now, self._next)
            self._next = turn + self._interval
        if turn > now:
            time.sleep(turn - now)


def _set_timeout(smtp: smtplib.SMTP, seconds: float) -> None:
    if smtp.sock is not None:
        smtp.sock.settimeout(seconds)


def _refusal(code: int, said: bytes | str, recipient: str) -> Outcome:
    state = State.FAILED if code >= _PERMANENT_FROM else State.QUEUED
    return Outcome(state, _reason(code, said, recipient))


def _reason(code: int, said: bytes | str, recipient: str = "") -> str:
    """What the server said, without the address that it likes to repeat: reasons are logged."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    if recipient:
        text = re.sub(re.escape(recipient), "recipient", text, flags=re.IGNORECASE)
    return one_line(f"{code} {text}")[:_LONGEST_REASON]


def _address(name: str, address: str) -> Address:
    """A mailbox for a header.

    Raises:
        Unreachable: if the address is none; also if it holds a line break, or anything else that
            would end it early, or letters beyond ASCII (which few servers take, RFC 6531).
    """
    local, at, domain = address.rpartition("@")
    plain = address.isascii() and address.isprintable() and " " not in address
    if not (local and at and domain and plain):
        raise Unreachable("the address is not valid")
    try:
        return Address(display_name=name, addr_spec=address)
    except (ValueError, IndexError, MessageError) as error:
        raise Unreachable("the address is not valid") from error
