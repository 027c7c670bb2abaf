"""E-mail over SMTP: text and HTML in the recipient's language.

The Message-ID is made of recipient, event and channel, so a mail that is sent again, because
nobody knows whether it arrived, is the same mail to every program that sees both.
"""

from __future__ import annotations

from collections.abc import Callable
from email.errors import MessageError
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime, parseaddr
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from services.common.bidi import one_line
from services.common.clock import Clock
from services.common.languages import direction_of, in_language
from services.notifications.channels.outgoing import Outcome, Outgoing, Unreachable
from services.notifications.channels.smtp import MailSettings, Transport
from services.notifications.domain.delivery import Delivery
from services.notifications.domain.messages import Text
from services.notifications.domain.people import Contact
from services.notifications.domain.rules import EMAIL, INVITATIONS
from services.notifications.store.deliveries import Deliveries
from services.notifications.wording import Wording

TEMPLATES = Path(__file__).parent.parent / "templates"

_FOOTER = "email.footer"
_FOOTERS = {INVITATIONS: "email.footer.invitations"}


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
        clock: Clock,
        wording: Wording,
        settings: MailSettings,
    ) -> None:
        super().__init__(deliveries, clock)
        self._wording = wording
        self._settings = settings
        try:
            self._sender = _address(*parseaddr(settings.sender))
        except Unreachable as error:
            raise ValueError(f"MAIL_FROM is not a mailbox: {settings.sender!r}") from error
        self._transport = Transport(settings, self._sender)
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
        direction = direction_of(language)
        name = one_line(in_language(contact.name, language))
        mail = EmailMessage(policy=_POLICY)
        mail["Message-ID"] = f"<{delivery.id}@{self._sender.domain}>"
        mail["Date"] = format_datetime(delivery.dated)
        mail["From"] = self._sender
        mail["To"] = _address(name, contact.email)
        # One line already: the wording makes every value so, and isolates it.
        mail["Subject"] = text.title
        mail["List-Id"] = f"<{delivery.category}.notifications.{self._sender.domain}>"
        # RFC 3834: a machine wrote this, so no holiday reply is wanted.
        mail["Auto-Submitted"] = "auto-generated"
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

    def rest(self) -> None:
        """See :class:`services.notifications.channels.outgoing.Outgoing`."""
        self._transport.rest()

    def _send(self, mail: EmailMessage, recipient: str) -> Outcome:
        return self._transport.send(mail.as_bytes(), recipient)


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
