"""Signing in and staying signed in.

A refresh token is used once: each use gives the next one of its *family*. Whoever shows a token
that was used before has either stolen it or been stolen from, so the whole family ends (RFC 9700,
4.14.2). One exception: a phone whose answer was lost on the way asks once more with the token it
has. For a few seconds the token just used gives another one, and what it gave before counts as
used.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from gateway import metrics
from gateway.auth import passwords
from gateway.auth.tokens import AccessTokens
from gateway.domain.identity import Identity, Person, normalised_email
from gateway.store import Store
from services.common.clock import Clock
from services.common.context import Caller
from services.common.contracts.gateway.errors import REFRESH_INVALID, SIGN_IN_FAILED
from services.common.ids import NewId

#: For how long after its first use the last token may be used again: a client's timeout and a
#: repeat, and little more, because a thief has the same time.
AGAIN = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class Grant:
    """What a sign-in gives: a token for requests, and (to people) one for the next grant."""

    access_token: str
    expires_in: int
    refresh_token: str | None


class Sessions:
    """Grants tokens.

    Args:
        refresh_seconds: how long a family lives without a sign-in.
    """

    def __init__(
        self,
        store: Store,
        tokens: AccessTokens,
        *,
        clock: Clock,
        new_id: NewId,
        refresh_seconds: int,
    ) -> None:
        self._store = store
        self._tokens = tokens
        self._clock = clock
        self._new_id = new_id
        self._refresh = timedelta(seconds=refresh_seconds)

    def with_password(self, email: str, password: str) -> Grant:
        """Sign a person in.

        Raises:
            errors.Unauthenticated: ``auth.sign_in_failed``; never says which half was wrong, and
                takes the same time.
        """
        person = self._store.person_by_email(normalised_email(email))
        if not passwords.matches(person.password_hash if person else None, password):
            metrics.SIGN_INS.labels("password", "refused").inc()
            raise SIGN_IN_FAILED()
        assert person is not None
        metrics.SIGN_INS.labels("password", "ok").inc()
        family_id, secret = self._new_id(), _secret()
        now = self._clock.now()
        self._store.start_family(
            {
                "_id": family_id,
                "person_id": person.id,
                "current": _digest(secret),
                "spent": [],
                "started_at": now,
                "expires_at": now + self._refresh,
            }
        )
        return self._grant(self.identity_of(person), f"{family_id}.{secret}")

    def with_refresh_token(self, refresh_token: str) -> Grant:
        """Go on with the next token of a family, with the person's present roles.

        Raises:
            errors.Unauthenticated: ``auth.refresh_invalid``; a token used before ends its family,
                except the last one within ``AGAIN`` of its first use.
        """
        family_id, secret = _parts(refresh_token)
        digest, following = _digest(secret), _secret()
        now = self._clock.now()
        family = self._store.rotate(
            family_id, digest, _digest(following), now, again_since=now - AGAIN
        )
        if family is None:
            outcome = "refused"
            if self._store.end_family(family_id, digest, spent_only=True):
                outcome = "reused"
            metrics.SIGN_INS.labels("refresh_token", outcome).inc()
            raise REFRESH_INVALID()
        person = self._store.person(family["person_id"])
        if person is None:
            raise REFRESH_INVALID()
        metrics.SIGN_INS.labels("refresh_token", "ok").inc()
        return self._grant(self.identity_of(person), f"{family_id}.{following}")

    def with_client_secret(self, account_id: str, secret: str) -> Grant:
        """Sign a service account in.

        Raises:
            errors.Unauthenticated: ``auth.sign_in_failed``.
        """
        account = self._store.service_account(account_id)
        if not passwords.matches(account.secret_hash if account else None, secret):
            metrics.SIGN_INS.labels("client_credentials", "refused").inc()
            raise SIGN_IN_FAILED()
        assert account is not None
        metrics.SIGN_INS.labels("client_credentials", "ok").inc()
        caller = Caller(id=account.id, kind="service", roles=account.scopes)
        return self._grant(Identity(caller, account.language), None)

    def revoke(self, refresh_token: str) -> None:
        """End the family of a token; one that is unknown is as good as ended (RFC 7009, 2.2)."""
        family_id, _, secret = refresh_token.partition(".")
        if secret:
            self._store.end_family(family_id, _digest(secret), spent_only=False)

    def identity_of(self, person: Person) -> Identity:
        """The person as a caller, with the approved organisations they belong to now."""
        caller = Caller(
            id=person.id,
            roles=person.roles,
            organisations=self._store.approved_memberships_of(person.id),
            branches=person.branches,
        )
        return Identity(caller, person.language)

    def _grant(self, identity: Identity, refresh_token: str | None) -> Grant:
        return Grant(self._tokens.issue(identity), self._tokens.seconds, refresh_token)


def _secret() -> str:
    return secrets.token_urlsafe(32)


def _digest(secret: str) -> str:
    # A random secret of 256 bits needs no slow hash.
    return hashlib.sha256(secret.encode()).hexdigest()


def _parts(refresh_token: str) -> tuple[str, str]:
    family_id, _, secret = refresh_token.partition(".")
    if not secret:
        raise REFRESH_INVALID()
    return family_id, secret
