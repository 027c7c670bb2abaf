"""Signing in, staying signed in, signing out.

A refresh token is used once: each use gives the next one of its *family*. A token that was used
before shows that it was stolen, from or by its sender, so the whole family ends (RFC 9700, 4.14.2).
One exception: a phone whose answer was lost, or that asks twice at once, asks again with the token
it has. For a few seconds the token just used gives another one, and each of those given may be the
one that goes on: the first to be used makes the others used ones.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from gateway import metrics
from gateway.identity.auth import passwords
from gateway.identity.auth.tokens import AccessTokens
from gateway.identity.domain.identity import Identity, Person, normalised_email
from gateway.identity.operations.revoking import Revoking
from gateway.identity.store import Store
from gateway.identity.store.epochs import EpochStore
from gateway.identity.store.families import FamilyStore
from services.common.clock import Clock
from services.common.context import SYSTEM, Caller
from services.common.contracts.identity.errors import REFRESH_INVALID, SIGN_IN_FAILED
from services.common.ids import NewId
from services.common.storage.mongo import Database, Session

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
    """Grants tokens, and takes them back.

    Args:
        refresh_seconds: how long a family lives without a sign-in.
    """

    def __init__(
        self,
        database: Database,
        store: Store,
        tokens: AccessTokens,
        revoking: Revoking,
        *,
        clock: Clock,
        new_id: NewId,
        refresh_seconds: int,
    ) -> None:
        self._database = database
        self._store = store
        self._families = FamilyStore(database)
        self._epochs = EpochStore(database)
        self._tokens = tokens
        self._revoking = revoking
        self._clock = clock
        self._new_id = new_id
        self._refresh = timedelta(seconds=refresh_seconds)

    # -- signing in -----------------------------------------------------------------------------

    def with_password(self, email: str, password: str) -> Grant:
        """Sign a person in.

        Raises:
            errors.Unauthenticated: ``auth.sign_in_failed``; never says which half was wrong, and
                takes the same time.
        """
        person = self._store.person_by_email(normalised_email(email))
        matches = passwords.matches(person.password_hash if person else None, password)
        if person is None or not matches or not person.active:
            metrics.SIGN_INS.labels("password", "refused").inc()
            raise SIGN_IN_FAILED()
        grant = self.start_family(person)
        metrics.SIGN_INS.labels("password", "ok").inc()
        return grant

    def start_family(self, person: Person) -> Grant:
        """The tokens of a new sign-in.

        Raises:
            errors.Unauthenticated: ``auth.sign_in_failed``, if the person has been disabled, or has
                another password, since they were read.
        """
        family_id, secret = self._new_id(), _secret()

        def work(session: Session) -> Identity:
            epoch = self._epochs.epoch_at_sign_in(session, person.id)
            now_known = self._store.person(person.id, session)
            if (
                now_known is None
                or not now_known.active
                or now_known.password_hash != person.password_hash
            ):
                raise SIGN_IN_FAILED()
            now = self._clock.now()
            self._families.start(
                session,
                family_id,
                person.id,
                _digest(secret),
                now=now,
                expires_at=now + self._refresh,
            )
            return self._identity(now_known, epoch, session)

        identity = self._database.transact(work)
        return self._grant(identity, f"{family_id}.{secret}")

    def with_refresh_token(self, refresh_token: str) -> Grant:
        """Go on with another token of a family, with the person's present roles.

        Raises:
            errors.Unauthenticated: ``auth.refresh_invalid``; a token used before ends its family,
                except those of the last rotation within ``AGAIN`` of it.
        """
        family_id, secret = _parts(refresh_token)
        digest, following = _digest(secret), _secret()
        now = self._clock.now()
        family = self._families.rotate(
            family_id, digest, _digest(following), now, again_since=now - AGAIN
        )
        if family is None:
            reused = self._end_family(family_id, digest, used_only=True, caller=SYSTEM)
            outcome = "reused" if reused else "refused"
            metrics.SIGN_INS.labels("refresh_token", outcome).inc()
            raise REFRESH_INVALID()
        identity = self.identity_of(family["person_id"])
        if identity is None:
            raise REFRESH_INVALID()
        metrics.SIGN_INS.labels("refresh_token", "ok").inc()
        return self._grant(identity, f"{family_id}.{following}")

    def with_client_secret(self, account_id: str, secret: str) -> Grant:
        """Sign a service account in.

        Raises:
            errors.Unauthenticated: ``auth.sign_in_failed``.
        """
        epoch = self._epochs.epoch(account_id)
        account = self._store.service_account(account_id)
        if not passwords.matches(account.secret_hash if account else None, secret):
            metrics.SIGN_INS.labels("client_credentials", "refused").inc()
            raise SIGN_IN_FAILED()
        assert account is not None
        metrics.SIGN_INS.labels("client_credentials", "ok").inc()
        caller = Caller(id=account.id, kind="service", roles=account.scopes, epoch=epoch)
        return self._grant(Identity(caller, account.language), None)

    def identity_of(self, person_id: str) -> Identity | None:
        """The person as a caller, with the approved organisations they belong to now; None if they
        cannot sign in any more."""
        epoch = self._epochs.epoch(person_id)  # before all that it stands for
        person = self._store.person(person_id)
        if person is None or not person.active:
            return None
        return self._identity(person, epoch)

    # -- signing out ----------------------------------------------------------------------------

    def revoke(self, refresh_token: str, *, everywhere: bool = False) -> None:
        """End the family of a token, or every family of its person, and refuse the access tokens.

        Other devices go on, if they may, by renewing theirs. A token that is unknown is as good as
        ended (RFC 7009, 2.2).
        """
        family_id, _, secret = refresh_token.partition(".")
        if secret:
            self._end_family(family_id, _digest(secret), used_only=False, everywhere=everywhere)

    def end_all(self, session: Session, person_id: str, *, caller: Caller) -> Mapping[str, int]:
        """End every sign-in of a person, in the transaction of its cause; the result is for
        :meth:`Revoking.learn`."""
        self._families.end_all(session, person_id)
        return self._revoking.raise_epochs(session, [person_id], caller=caller)

    def _end_family(
        self,
        family_id: str,
        token: str,
        *,
        used_only: bool,
        everywhere: bool = False,
        caller: Caller | None = None,
    ) -> bool:
        def work(session: Session) -> Mapping[str, int]:
            person_id = self._families.end(session, family_id, token, used_only=used_only)
            if person_id is None:
                return {}
            by = caller or Caller(person_id)
            if everywhere:
                return self.end_all(session, person_id, caller=by)
            return self._revoking.raise_epochs(session, [person_id], caller=by)

        raised = self._database.transact(work)
        self._revoking.learn(raised)
        return bool(raised)

    # -- inside ---------------------------------------------------------------------------------

    def _identity(self, person: Person, epoch: int, session: Session | None = None) -> Identity:
        memberships = self._store.memberships_of(person.id, session)
        approved = self._store.approved_of(memberships, session) if memberships else set()
        caller = Caller(
            id=person.id,
            roles=person.roles,
            organisations={each: memberships[each] for each in memberships if each in approved},
            not_approved=frozenset(memberships.keys() - approved),
            centres=person.centres,
            epoch=epoch,
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
