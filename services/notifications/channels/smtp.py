"""Handing a mail to an SMTP server: encrypted and signed in if the server wants it, and bounded.

Each answer of the server, and each silence, is one :class:`.outgoing.Outcome`. What the server says
of *us* (no greeting, no encryption, a password that it does not take) leaves the mail queued: it
says nothing about the recipient.

A connection is kept for the next mail of the same sender as long as there is one to send: opening
one, with its encryption and sign-in, costs more than the mail.
"""

from __future__ import annotations

import re
import smtplib
import ssl
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from email.headerregistry import Address
from enum import StrEnum

from services.common.bidi import one_line
from services.notifications.channels.outgoing import Outcome
from services.notifications.domain.delivery import State

# All of it together ends within a deadline's lease of 60 s: the wait for a turn, what comes before
# the mail (its last step may begin just in time), the mail's command and its content, and the
# goodbye. A server looks at a mail's content before it answers, so that answer has longest: giving
# up early means not knowing, and sending again.
TURN_SECONDS = 5.0
BEFORE_SECONDS = 15.0
STEP_SECONDS = 4.0
MAIL_SECONDS = 15.0
GOODBYE_SECONDS = 1.0
# Some servers end a connection that has brought many mails; so few cost nothing.
MAILS_PER_CONNECTION = 50
_LONGEST_REASON = 200
_DONE, _TEMPORARY_FROM, _PERMANENT_FROM = 250, 400, 500


class Security(StrEnum):
    """How the connection is encrypted: not at all, after STARTTLS (RFC 3207), or from its first
    byte (RFC 8314, mostly port 465)."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


@dataclass(frozen=True, slots=True)
class MailSettings:
    """How mail leaves.

    Attributes:
        host, port: of the SMTP server.
        sender: ``Name <address>``; its domain also names Message-ID and List-Id.
        public_url: where a person opens Masaha.
        per_second: most mails in a second, of all senders together; providers refuse those who
            send faster, and a backlog must not take the machine from the requests of people. 0 is
            no limit.
        senders: how many mails may be on their way at a time, so that a slow server, or a slow
            recipient's, holds up the others less.
        security: how the connection is encrypted. The server's certificate must be one that this
            machine trusts, for this host; there is no falling back to less.
        username, password: to sign in with; an empty name means that the server wants none.

    Raises:
        ValueError: naming the variables that do not go together.
    """

    host: str
    port: int
    sender: str
    public_url: str
    per_second: float = 10.0
    senders: int = 3
    security: Security = Security.NONE
    username: str = ""
    password: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        if self.senders < 1:
            raise ValueError("MAIL_SENDERS must be at least 1")
        if 0 < self.per_second < self.senders / TURN_SECONDS:
            # A sender that waits for a turn has begun already; its claim must not run out
            # meanwhile.
            raise ValueError(
                f"MAIL_PER_SECOND={self.per_second:g} is too slow for MAIL_SENDERS={self.senders}: "
                f"a mail would wait more than {TURN_SECONDS:g} s for its turn; take fewer senders"
            )
        if bool(self.username) != bool(self.password):
            raise ValueError("SMTP_USERNAME and SMTP_PASSWORD go together")
        if self.username and self.security is Security.NONE:
            raise ValueError(
                "SMTP_PASSWORD would be sent for all to read: set SMTP_TLS to starttls or tls"
            )


class Transport:
    """Sends mails to one server; each thread that sends has a connection of its own.

    Args:
        settings: which, and how.
        sender: the envelope's; its domain is what we call ourselves.
    """

    def __init__(self, settings: MailSettings, sender: Address) -> None:
        self._settings = settings
        self._sender = sender
        self._pace = Pace(settings.per_second)
        self._kept = _Kept()
        encrypted = settings.security is not Security.NONE
        self._trust = ssl.create_default_context() if encrypted else None

    def send(self, mail: bytes, recipient: str) -> Outcome:
        """Hand one mail over. Never raises for what a server or a network may do."""
        self._pace.wait()
        patience = Patience(BEFORE_SECONDS)
        smtp = self._take_kept(patience)
        if smtp is None:
            self._kept.mails = 0
            try:
                smtp = self._connected(patience)
            except smtplib.SMTPResponseException as error:
                # The server will not talk to us at all: that says nothing about the recipient.
                return Outcome(State.QUEUED, _reason(error.smtp_code, error.smtp_error))
            except (OSError, smtplib.SMTPException) as error:
                return Outcome(State.QUEUED, f"no connection: {type(error).__name__}")
        outcome = None
        try:
            outcome = self._converse(smtp, patience, mail, recipient)
            return outcome
        finally:
            self._kept.mails += 1
            # After anything but a success it is not certain what the server expects next.
            if outcome == Outcome(State.SENT) and self._kept.mails < MAILS_PER_CONNECTION:
                self._kept.smtp = smtp
            else:
                _leave(smtp)

    def close_idle(self) -> None:
        """End this thread's connection, if one is kept: there is no mail to send for now."""
        smtp, self._kept.smtp = self._kept.smtp, None
        if smtp is not None:
            _leave(smtp)

    def _take_kept(self, patience: Patience) -> smtplib.SMTP | None:
        """The connection of the mail before, if the server still answers on it."""
        smtp, self._kept.smtp = self._kept.smtp, None
        if smtp is None:
            return None
        try:
            _set_timeout(smtp, patience.step())
            code, _ = smtp.rset()
        except (OSError, smtplib.SMTPException):
            code = None
        if code == _DONE:
            return smtp
        _leave(smtp)
        return None

    def _connected(self, patience: Patience) -> smtplib.SMTP:
        host, port = self._settings.host, self._settings.port
        # Without a name, smtplib asks the DNS for one of this machine, and sends it.
        name = self._sender.domain
        seconds = patience.step()
        if self._settings.security is Security.TLS:
            return smtplib.SMTP_SSL(host, port, name, timeout=seconds, context=self._trust)
        return smtplib.SMTP(host, port, name, timeout=seconds)

    def _converse(
        self, smtp: smtplib.SMTP, patience: Patience, mail: bytes, recipient: str
    ) -> Outcome:
        try:
            self._introduce(smtp, patience)
            for step, address in ((smtp.mail, self._sender.addr_spec), (smtp.rcpt, recipient)):
                _set_timeout(smtp, patience.step())
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
            # The answer to the command DATA itself: no part of the mail was sent.
            return _refusal(error.smtp_code, error.smtp_error, recipient)
        except (OSError, smtplib.SMTPException) as error:
            return Outcome(State.UNKNOWN, f"after the mail: {type(error).__name__}")
        return Outcome(State.SENT) if code < _TEMPORARY_FROM else _refusal(code, said, recipient)

    def _introduce(self, smtp: smtplib.SMTP, patience: Patience) -> None:
        """Greet, encrypt and sign in, as far as the settings say; once on a connection."""
        if smtp.ehlo_resp is not None or smtp.helo_resp is not None:
            return
        _set_timeout(smtp, patience.step())
        smtp.ehlo_or_helo_if_needed()
        if self._settings.security is Security.STARTTLS:
            _set_timeout(smtp, patience.step())
            smtp.starttls(context=self._trust)
            _set_timeout(smtp, patience.step())
            smtp.ehlo_or_helo_if_needed()
        if self._settings.username:
            _set_timeout(smtp, patience.step())
            smtp.login(self._settings.username, self._settings.password)


class _Kept(threading.local):
    """This thread's connection between two mails, and how many mails it has brought."""

    smtp: smtplib.SMTP | None = None
    mails: int = 0


class Patience:
    """The time that several steps may take together."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def step(self) -> float:
        """Seconds that the next step may take.

        Raises:
            TimeoutError: if there is no time left.
        """
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return min(STEP_SECONDS, left)


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


def _leave(smtp: smtplib.SMTP) -> None:
    with suppress(OSError, smtplib.SMTPException):
        _set_timeout(smtp, GOODBYE_SECONDS)
        smtp.quit()
    smtp.close()


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
