"""People: reading and changing oneself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial

from gateway.identity.app import App
from gateway.identity.domain import permissions
from gateway.identity.domain.identity import Person, ServiceAccount
from gateway.identity.domain.permissions import Action
from gateway.identity.steps.person_events import put_person_state, record_person_event
from services.common import errors
from services.common.context import SYSTEM, Call
from services.common.contracts.identity.events import PERSON_CHANGED
from services.common.storage.mongo import Session

_AT_ONCE = 500


def signed_in_person(app: App, call: Call) -> Person:
    """Raises errors.Unauthenticated when the person of a valid token is no longer there."""
    permissions.require(Action.READ_ME, permissions.relations(call.caller))
    person = app.store.person(call.caller.id)
    if person is None:
        raise errors.Unauthenticated()
    return person


def people_names(app: App, ids: Iterable[str]) -> dict[str, Mapping[str, str]]:
    """Id → name, of those people there are or were; the name of who is erased is empty."""
    return {person.id: person.name for person in app.store.people(ids).values()}


def memberships_of(app: App, person_id: str) -> dict[str, str]:
    """Organisation id → role, for organisations of every status."""
    return app.store.memberships_of(person_id)


def signed_in_account(app: App, call: Call) -> ServiceAccount:
    """Raises errors.Unauthenticated when the account of a valid token is no longer there."""
    permissions.require(Action.READ_ME, permissions.relations(call.caller))
    account = app.store.service_account(call.caller.id)
    if account is None:
        raise errors.Unauthenticated()
    return account


def change_me(
    app: App,
    call: Call,
    expected_version: int,
    *,
    name: Mapping[str, str] | None,
    language: str | None,
) -> Person:
    """Change one's own name or language.

    Raises:
        errors.Stale: if there is another version by now.
    """
    permissions.require(Action.CHANGE_ME, permissions.relations(call.caller))

    def work(session: Session) -> Person:
        person = app.store.person(call.caller.id, session)
        if person is None:
            raise errors.Unauthenticated()
        if person.version != expected_version:
            raise errors.Stale()
        if name in (None, person.name) and language in (None, person.language):
            return person
        changed = person.changed(at=app.clock.now(), name=name, language=language)
        app.store.save_person(session, changed)
        record_person_event(app, call.caller, session, PERSON_CHANGED, changed)
        return changed

    return app.database.transact(work)


def republish_people(app: App) -> int:
    """Send the details of all people again, for a subscriber that is new or was restored.

    Returns:
        Of how many.
    """
    sent, last = 0, None
    while page := app.store.people_page(
        role=None, active=None, after=last, limit=_AT_ONCE, erased=True
    ):
        for person in page:
            app.database.transact(partial(_put_state, app, person.id))
        sent, last = sent + len(page), page[-1].id
    return sent


def _put_state(app: App, person_id: str, session: Session) -> None:
    person = app.store.person(person_id, session)
    if person is not None:
        put_person_state(app, SYSTEM, session, person)
