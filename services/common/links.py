"""Secrets in links: the holder of the link may act without an account.

A link is for one purpose and about one subject, and is refused for any other. It carries a token of
64 characters, short enough for a text message. Nobody can make one up without the secret of the
settings, and no token is stored or sent between processes: a branch that sends a link makes its
token itself.

=================== =============================================== ==============================
link                token, in hex                                   becomes void
=================== =============================================== ==============================
with a nonce        subject (16 bytes), tag (16)                    with another nonce
that expires        subject (16), seconds since 1970 (4), tag (12)  at that moment
=================== =============================================== ==============================

The tag is the beginning of an HMAC-SHA-256 over the purpose and all the rest. Whether the subject
still allows what the link is for, such as an application that was not withdrawn, is asked each time
it is used.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from marshmallow import validate

from services.common import config

INVITATION = "invitation"
_LENGTH = 64
_SUBJECT = 32
_EXPIRY = 8


@dataclass(frozen=True, slots=True)
class Link:
    """What a genuine link says.

    Attributes:
        subject: the id of what it is about.
        expires_at: from then on it is void.
    """

    subject: str
    expires_at: datetime


class Links:
    """Makes and reads the tokens of links.

    Args:
        secret: the same in every process that makes or reads links, and known to no other.
    """

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    # -- with a nonce ---------------------------------------------------------------------------

    def reply_token(self, invitation_id: str, nonce: str) -> str:
        """The token by which an invitation is answered.

        The tag covers the nonce too, so another nonce makes every token given out before void.
        """
        return self.lasting_token(INVITATION, invitation_id, nonce)

    def lasting_token(self, purpose: str, subject: str, nonce: str) -> str:
        """The token of a link that lasts until its subject has another nonce."""
        return self._token(purpose, UUID(subject).hex, nonce)

    def subject_of(self, token: str) -> str | None:
        """The id that a token names; whether it is genuine shows with its purpose and nonce."""
        try:
            return str(UUID(hex=token[:_SUBJECT])) if len(token) == _LENGTH else None
        except ValueError:
            return None

    def opens(self, token: str, purpose: str, subject: str, nonce: str) -> bool:
        """Whether the token is ours, for this purpose, and not void."""
        wanted = self._token(purpose, UUID(subject).hex, nonce)
        return hmac.compare_digest(token.encode(), wanted.encode())

    # -- that expires ---------------------------------------------------------------------------

    def expiring_token(self, purpose: str, subject: str, expires_at: datetime) -> str:
        """The token of a link that is void from a moment on, to the second."""
        expiry = f"{int(expires_at.timestamp()):0{_EXPIRY}x}"
        return self._token(purpose, UUID(subject).hex + expiry)

    def read(self, token: str, purpose: str) -> Link | None:
        """What a token says that expires; ``None`` unless it is ours and for this purpose.

        Whether it has expired is for the caller to see, who has the clock.
        """
        subject = self.subject_of(token)
        named = token[: _SUBJECT + _EXPIRY]
        if subject is None:
            return None
        genuine = self._token(purpose, named)
        if not hmac.compare_digest(token.encode(), genuine.encode()):
            return None
        return Link(subject, datetime.fromtimestamp(int(named[_SUBJECT:], 16), UTC))

    def _token(self, purpose: str, named: str, nonce: str = "") -> str:
        tag = self._digest(purpose, str(UUID(named[:_SUBJECT])), named[_SUBJECT:] or nonce)
        return named + tag.hex()[: _LENGTH - len(named)]

    # -- of calendars ---------------------------------------------------------------------------

    def calendar_token(self, calendar_id: str) -> str:
        """The token of a calendar's link.

        Made of its id, so that a request sent twice gets the same link, though only a hash of it
        is kept. Without the secret it looks like 256 random bits.
        """
        return self._digest("calendar", calendar_id).hex()

    def _digest(self, *parts: str) -> bytes:
        return hmac.new(self._secret, "\n".join(parts).encode(), hashlib.sha256).digest()


def load_links() -> Links:
    """The maker of links, with ``LINK_SECRET`` of the environment.

    Raises:
        config.WrongSetting: if there is none, or it is shorter than 16 characters.
    """
    with config.reading() as env:
        return Links(env.str("LINK_SECRET", validate=validate.Length(min=16)))


def hashed(token: str) -> str:
    """What is kept of a calendar's token. It is no password: one round of SHA-256 is enough."""
    return hashlib.sha256(token.encode()).hexdigest()
