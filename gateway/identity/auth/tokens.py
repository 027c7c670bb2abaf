"""Access tokens: short-lived JWTs (RFC 7519, and RFC 9068 for the claims) that carry the caller.

A token is verified once and then remembered until it runs out, or the keys change: clients send the
same one with every request, and a signature costs more than all the rest of a read.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from joserfc import jwt
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jwt import JWTClaimsRegistry

from gateway.identity.auth.epochs import Epochs
from gateway.identity.domain.identity import Identity
from services.common import errors
from services.common.context import Caller
from services.common.contracts.identity.errors import (
    TOKEN_EXPIRED,
    TOKEN_INVALID,
    TOKEN_REVOKED,
)
from services.common.ids import NewId
from services.common.languages import LANGUAGES
from services.common.signing_keys import SigningKeys

AUDIENCE = "masaha"
LONGEST = 8192
_REMEMBERED = 20_000

# RFC 9068, 2.1 and 4: a JWT of any other type is no access token, though the same key signed it.
_TYPE = "at+jwt"
_TYPES = frozenset({_TYPE, f"application/{_TYPE}"})


class AccessTokens:
    """Issues and verifies access tokens.

    Args:
        keys: that sign and verify.
        issuer: the gateway's public address.
        seconds: how long a token lives.
        epochs: which tokens are revoked before they run out.
        new_id: for ``jti``.
        now: seconds since 1970.
    """

    def __init__(
        self,
        keys: SigningKeys,
        *,
        issuer: str,
        seconds: int,
        epochs: Epochs,
        new_id: NewId,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._keys = keys
        self._issuer = issuer
        self._seconds = seconds
        self._epochs = epochs
        self._new_id = new_id
        self._now = now
        self._known: OrderedDict[str, tuple[float, Identity]] = OrderedDict()
        self._seen: set[str] = set()
        self._generation = keys.generation
        self._lock = threading.Lock()

    @property
    def seconds(self) -> int:
        """How long a token lives."""
        return self._seconds

    def issue(self, identity: Identity) -> str:
        """A token for this identity."""
        now = int(self._now())
        caller = identity.caller
        key = self._keys.newest
        claims = {
            "iss": self._issuer,
            "aud": AUDIENCE,
            "sub": caller.id,
            "iat": now,
            "exp": now + self._seconds,
            "jti": self._new_id(),
            "kind": caller.kind,
            "roles": sorted(caller.roles),
            "organisations": dict(caller.organisations),
            "not_approved": sorted(caller.not_approved),
            "centres": sorted(caller.centres),
            "epoch": caller.epoch,
            "language": identity.language,
        }
        header = {"alg": self._keys.algorithm, "kid": key.kid, "typ": _TYPE}
        return jwt.encode(header, claims, key, algorithms=[self._keys.algorithm])

    def verify(self, token: str) -> Identity:
        """Who the token speaks for.

        Raises:
            errors.Unauthenticated: ``auth.token_expired``, or ``auth.token_invalid`` for anything
                else: forged, of another issuer or audience, with another algorithm, incomplete;
                ``auth.token_revoked`` for a token from before its caller lost a right.
        """
        identity = self._signed(token)
        with self._lock:
            self._seen.add(identity.caller.id)
        if not self._epochs.accepts(identity.caller):
            raise TOKEN_REVOKED()
        return identity

    def drain_seen(self) -> set[str]:
        """The ids of the callers who brought a token since this was last asked."""
        with self._lock:
            seen, self._seen = self._seen, set()
        return seen

    def _signed(self, token: str) -> Identity:
        """Who the token speaks for by its signature and its times."""
        self._forget_with_the_keys()
        known = self._known.get(token)
        if known is not None:
            if known[0] > self._now():
                return known[1]
            with self._lock:
                self._known.pop(token, None)
            raise TOKEN_EXPIRED()
        try:
            expires, identity = self._verify(token)
        except errors.Unauthenticated:
            # Another process may have signed with a key that was put in a moment ago.
            if not self._keys.changed():
                raise
            expires, identity = self._verify(token)
        with self._lock:
            self._known[token] = (expires, identity)
            while len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        return identity

    def _forget_with_the_keys(self) -> None:
        """A key that was taken out verifies nothing any more, not even what it did before."""
        generation = self._keys.generation
        if generation != self._generation:
            with self._lock:
                self._generation = generation
                self._known.clear()

    def _verify(self, token: str) -> tuple[float, Identity]:
        if len(token) > LONGEST:
            raise TOKEN_INVALID()
        registry = JWTClaimsRegistry(
            now=lambda: int(self._now()),
            leeway=0,
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": AUDIENCE},
            sub={"essential": True},
            exp={"essential": True},
        )
        try:
            decoded = jwt.decode(token, self._keys.all, algorithms=[self._keys.algorithm])
            if str(decoded.header.get("typ")).lower() not in _TYPES:
                raise TOKEN_INVALID()
            registry.validate(decoded.claims)
            return float(decoded.claims["exp"]), _identity(decoded.claims)
        except ExpiredTokenError as error:
            raise TOKEN_EXPIRED() from error
        except (JoseError, ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
            raise TOKEN_INVALID() from error


def _identity(claims: dict[str, Any]) -> Identity:
    language = claims.get("language")
    return Identity(
        Caller(
            id=str(claims["sub"]),
            kind=str(claims["kind"]),
            roles=frozenset(claims["roles"]),
            organisations=dict(claims["organisations"]),
            not_approved=frozenset(claims["not_approved"]),
            centres=frozenset(claims["centres"]),
            epoch=int(claims["epoch"]),
        ),
        language if language in LANGUAGES else None,
    )
