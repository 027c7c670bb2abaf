"""Kinds of consultations: what can be asked for, and the form for it."""

from __future__ import annotations

from services.common import errors
from services.common.authorisation import check_is_manager
from services.common.context import Call
from services.common.forms.questions import Form
from services.common.history.steps import record_change
from services.common.storage.mongo import Session
from services.consultations.app import App
from services.consultations.domain.kinds import Kind
from services.consultations.schemas.kinds import ChangeKind


def find_kinds(app: App) -> list[Kind]:
    """The kinds that can be asked for, by id."""
    return app.kinds.page({"retired": False})


def get_kind(app: App, kind_id: str) -> tuple[Kind, Form]:
    """A kind with the newest edition of its form.

    Raises:
        errors.NotFound: if there is none that can be asked for.
    """
    kind = app.kinds.get(kind_id)
    if kind.retired:
        raise errors.NotFound()
    return kind, app.forms.latest(kind.form_id)


def change_kind(app: App, call: Call, command: ChangeKind) -> Kind:
    """Change a kind for what comes from now on: cases and advisers keep what they name, and time
    limits that run stay as they are.

    Raises:
        errors.Unauthenticated, errors.Forbidden: for anybody but managers.
        errors.NotFound: if there is none.
        errors.Stale: it is not at the expected version any more.
    """
    check_is_manager(call.caller)

    def work(session: Session) -> Kind:
        before = app.kinds.get(command.id, session)
        if before.version != command.expected_version:
            raise errors.Stale()
        after = before.changed(**command.changes)
        if after.facts == before.facts:
            return before
        app.kinds.save(session, after, before.version)
        record_change(app, call.caller, session, after, before.facts, after.facts)
        return after

    return app.database.transact(work)
