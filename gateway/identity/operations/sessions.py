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
from gateway.identity.app import App
from gateway.identity.auth import passwords
from gateway.identity.domain.identity import Identity, Person, normalised_email
from gateway.identity.steps.epochs import end_sign_ins, learn_epochs, raise_epochs
from services.common.context import SYSTEM, Caller
from services.common.contracts.identity.errors import REFRESH_INVALID, SIGN_IN_FAILED
from services.common.storage.mongo import Session

#: For how long after its first use the last token may be used again: a client's timeout and a
#: repeat, and little more, because a thief has the same time.
AGAIN = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class Grant:
    """What a sign-in gives: who it is, and (to people) a token for the next grant."""

    identity: Identity
    refresh_token: str | None


# -- signing in -----------------------------------------------------------------------------------


def sign_in(app: App, email: str, password: str) -> Grant:
    """Sign a person in.

    Raises:
        errors.Unauthenticated: ``auth.sign_in_failed``; never says which half was wrong, and
            takes the same time.
    """
    person = app.store.person_by_email(normalised_email(email))
    matches = passwords.matches(person.password_hash if person else None, password)
    if person is None or not matches or not person.active:
        metrics.SIGN_INS.labels("password", "refused").inc()
        raise SIGN_IN_FAILED()
    grant = start_family(app, person)
    metrics.SIGN_INS.labels("password", "ok").inc()
    return grant


def start_family(app: App, person: Person) -> Grant:
    """The tokens of a new sign-in.

    Raises:
        errors.Unauthenticated: ``auth.sign_in_failed``, if the person has been disabled, or has
            another password, since they were read.
    """
    family_id, secret = app.new_id(), _secret()

    def work(session: Session) -> Identity:
        epoch = app.epoch_store.epoch_at_sign_in(session, person.id)
        now_known = app.store.person(person.id, session)
        if (
            now_known is None
            or not now_known.active
            or now_known.password_hash != person.password_hash
        ):
            raise SIGN_IN_FAILED()
        now = app.clock.now()
        app.families.start(
            session,
            family_id,
            person.id,
            _digest(secret),
            now=now,
            expires_at=now + app.refresh,
        )
        return _identity(app, now_known, epoch, session)

    identity = app.database.transact(work)
    return Grant(identity, f"{family_id}.{secret}")


def renew_sign_in(app: App, refresh_token: str) -> Grant:
    """Go on with another token of a family, with the person's present roles.

    Raises:
        errors.Unauthenticated: ``auth.refresh_invalid``; a token used before ends its family,
            except those of the last rotation within ``AGAIN`` of it.
    """
    family_id, secret = _parts(refresh_token)
    digest, following = _digest(secret), _secret()
    now = app.clock.now()
    family = app.families.rotate(
        family_id, digest, _digest(following), now, again_since=now - AGAIN
    )
    if family is None:
        reused = _end_family(app, family_id, digest, used_only=True, caller=SYSTEM)
        outcome = "reused" if reused else "refused"
        metrics.SIGN_INS.labels("refresh_token", outcome).inc()
        raise REFRESH_INVALID()
    identity = identity_of(app, family["person_id"])
    if identity is None:
        raise REFRESH_INVALID()
    metrics.SIGN_INS.labels("refresh_token", "ok").inc()
    return Grant(identity, f"{family_id}.{following}")


def sign_in_service(app: App, account_id: str, secret: str) -> Grant:
    """Sign a service account in.

    Raises:
        errors.Unauthenticated: ``auth.sign_in_failed``.
    """
    epoch = app.epoch_store.epoch(account_id)
    account = app.store.service_account(account_id)
    if not passwords.matches(account.secret_hash if account else None, secret):
        metrics.SIGN_INS.labels("client_credentials", "refused").inc()
        raise SIGN_IN_FAILED()
    assert account is not None
    metrics.SIGN_INS.labels("client_credentials", "ok").inc()
    caller = Caller(id=account.id, kind="service", roles=account.scopes, epoch=epoch)
    return Grant(Identity(caller, account.language), None)


def identity_of(app: App, person_id: str) -> Identity | None:
    """The person as a caller, with the approved organisations they belong to now; None if they
    cannot sign in any more."""
    epoch = app.epoch_store.epoch(person_id)  # before all that it stands for
    person = app.store.person(person_id)
    if person is None or not person.active:
        return None
    return _identity(app, person, epoch)


# -- signing out ----------------------------------------------------------------------------------


def sign_out(app: App, refresh_token: str, *, everywhere: bool = False) -> None:
    """End the family of a token, or every family of its person, and refuse the access tokens.

    Other devices go on, if they may, by renewing theirs. A token that is unknown is as good as
    ended (RFC 7009, 2.2).
    """
    family_id, _, secret = refresh_token.partition(".")
    if secret:
        _end_family(app, family_id, _digest(secret), used_only=False, everywhere=everywhere)


def _end_family(
    app: App,
    family_id: str,
    token: str,
    *,
    used_only: bool,
    everywhere: bool = False,
    caller: Caller | None = None,
) -> bool:
    def work(session: Session) -> Mapping[str, int]:
        person_id = app.families.end(session, family_id, token, used_only=used_only)
        if person_id is None:
            return {}
        by = caller or Caller(person_id)
        if everywhere:
            return end_sign_ins(app, by, session, person_id)
        return raise_epochs(app, by, session, [person_id])

    raised = app.database.transact(work)
    learn_epochs(app, raised)
    return bool(raised)


# -- inside ---------------------------------------------------------------------------------------


def _identity(app: App, person: Person, epoch: int, session: Session | None = None) -> Identity:
    memberships = app.store.memberships_of(person.id, session)
    approved = app.store.approved_of(memberships, session) if memberships else set()
    caller = Caller(
        id=person.id,
        roles=person.roles,
        organisations={each: memberships[each] for each in memberships if each in approved},
        not_approved=frozenset(memberships.keys() - approved),
        centres=person.centres,
        epoch=epoch,
    )
    return Identity(caller, person.language)


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
