"""Kinds of consultations: what can be asked for, and the form for it."""

from __future__ import annotations

from dataclasses import asdict, replace

from services.common import errors
from services.common.authorisation import check_is_manager
from services.common.context import Call, Caller
from services.common.forms.questions import Form
from services.common.history.changes import Change, subject_of
from services.common.history.steps import record_change
from services.common.history.wire import ListHistory
from services.common.lists import one_more
from services.common.storage.idempotency import Request
from services.common.storage.mongo import Session
from services.consultations.app import App
from services.consultations.domain.kinds import Kind
from services.consultations.schemas.kinds import AddKind, ChangeKind, ListKinds

INTAKE = "intake"
"""The purpose of a form that is filled in with a request."""


def find_kinds(app: App, query: ListKinds) -> list[Kind]:
    """The kinds that can be asked for, or those that cannot any more, by id; one more than a page
    where there are more."""
    return app.kinds.page(
        {"retired": query.retired}, after=query.after, limit=one_more(query.limit)
    )


def get_kind(app: App, kind_id: str) -> tuple[Kind, Form]:
    """A kind, retired or not, with the newest edition of its form.

    Raises:
        errors.NotFound: if there is none.
    """
    kind = app.kinds.get(kind_id)
    return kind, app.forms.latest(kind.form_id)


def kind_history(app: App, call: Call, query: ListHistory) -> list[Change]:
    """Who changed what of a kind, when and why; oldest first, one more than a page where there are
    more.

    Raises:
        errors.Unauthenticated, errors.Forbidden: for anybody but managers.
        errors.NotFound: if there is none.
    """
    check_is_manager(call.caller)
    kind = app.kinds.get(query.id)
    return app.history.of(subject_of(kind), after=query.after, limit=one_more(query.limit))


def add_kind(app: App, call: Call, command: AddKind) -> tuple[Kind, Form]:
    """Offer one kind more, with its form; the same key gives the same kind, as it is now.

    Raises:
        errors.Unauthenticated, errors.Forbidden: for anybody but managers.
    """
    check_is_manager(call.caller)
    request = Request.of(call, "consultations.add_kind", asdict(command))

    def work(session: Session) -> tuple[Kind, Form]:
        kind_id, form_id = app.new_id(), app.new_id()
        kind = Kind(
            id=kind_id,
            name=command.name,
            form_id=form_id,
            specialities=command.specialities,
            limits=command.limits,
            sealed=command.confidential,
            spans_breaks=command.spans_breaks,
        )
        title, questions = command.form
        form = Form(form_id, title, questions, purpose=INTAKE, updated_at=app.clock.now())
        return store_kind(app, call.caller, session, kind, form)

    return app.keys.once(
        request,
        work,
        save=lambda made: {"id": made[0].id},
        load=lambda kept: get_kind(app, kept["id"]),
    )


def store_kind(
    app: App, caller: Caller, session: Session, kind: Kind, form: Form
) -> tuple[Kind, Form]:
    """Store a new kind with the first edition of its form, which is frozen from its start: whether
    it has been answered would tell that there is a case."""
    frozen = replace(form, frozen=True)
    app.forms.add(session, frozen)
    app.kinds.add(session, kind)
    record_change(app, caller, session, kind, None, kind.facts)
    return kind, frozen


def change_kind(app: App, call: Call, command: ChangeKind) -> tuple[Kind, Form]:
    """Change a kind for what comes from now on: cases and advisers keep what they name, time
    limits that run stay as they are, and what was answered stays in its edition of the form.

    Raises:
        errors.Unauthenticated, errors.Forbidden: for anybody but managers.
        errors.NotFound: if there is none.
        errors.Stale: it is not at the expected version any more.
    """
    check_is_manager(call.caller)

    def work(session: Session) -> tuple[Kind, Form]:
        before = app.kinds.get(command.id, session)
        if before.version != command.expected_version:
            raise errors.Stale()
        form = app.forms.latest(before.form_id, session)
        revised = form
        if command.form is not None:
            revised = form.revised(*command.form, app.clock.now())
        if revised is not form:
            revised = replace(revised, frozen=True)
            app.forms.save(session, form, revised)
        after = before.changed(**command.changes, form_edition=revised.edition)
        if after.facts == before.facts:
            return before, form
        app.kinds.save(session, after, before.version)
        record_change(app, call.caller, session, after, before.facts, after.facts, command.reason)
        return after, revised

    return app.database.transact(work)
