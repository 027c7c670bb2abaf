"""Secrets in links: the holder of the link may act without an account.

A link carries a token of 64 characters, short enough for a text message. Nobody can make one up
without the secret of the settings, and no token is stored or sent between processes: a branch that
sends a link makes its token itself, of an event's id and nonce.
"""

from __future__ import annotations

import hashlib
import hmac
from uuid import UUID

from marshmallow import validate

from services.common import config

_TAG_BYTES = 16


class Links:
    """Makes and reads the tokens of links.

    Args:
        secret: the same in every process that makes or reads links, and known to no other.
    """

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def reply_token(self, invitation_id: str, nonce: str) -> str:
        """The token by which an invitation is answered: its id, and a tag (HMAC-SHA-256).

        The tag covers the nonce too, so another nonce makes every token given out before void.
        """
        return UUID(invitation_id).hex + self._tag("invitation", invitation_id, nonce)

    def invitation_of(self, token: str) -> str | None:
        """The invitation that a token names; whether it is genuine shows with its nonce."""
        try:
            return str(UUID(hex=token[:32])) if len(token) == 64 else None
        except ValueError:
            return None

    def opens(self, token: str, invitation_id: str, nonce: str) -> bool:
        """Whether the token is ours and not void."""
        return hmac.compare_digest(token.encode(), self.reply_token(invitation_id, nonce).encode())

    def calendar_token(self, calendar_id: str) -> str:
        """The token of a calendar's link.

        Made of its id, so that a request sent twice gets the same link, though only a hash of it
        is kept. Without the secret it looks like 256 random bits.
        """
        return self._digest("calendar", calendar_id).hex()

    def _tag(self, *parts: str) -> str:
        return self._digest(*parts)[:_TAG_BYTES].hex()

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
