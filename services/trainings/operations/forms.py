"""Forms: staff make, change and read them, also as workbooks of other tools."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from hashlib import sha256
from typing import Any

from marshmallow import ValidationError

from services.common import errors
from services.common.context import Call
from services.common.contracts.trainings.errors import UNKNOWN_CENTRE
from services.common.contracts.trainings.form_purposes import FormPurpose
from services.common.errors import FieldError
from services.common.field_errors import field_errors
from services.common.files.checking import CheckedFile, check_file
from services.common.forms.definition import check_questions, load_definition
from services.common.forms.questions import Form, Name, Question
from services.common.forms.store import FORM
from services.common.forms.xlsform import LARGEST_FILE, definition_of, workbook_of
from services.common.history.changes import Change, subject_of
from services.common.history.steps import record_change
from services.common.history.wire import ListHistory
from services.common.languages import DEFAULT_LANGUAGE
from services.common.lists import one_more
from services.common.storage.idempotency import Request
from services.common.storage.mongo import Session
from services.trainings.app import App
from services.trainings.domain import permissions
from services.trainings.domain.forms import check_may_read_forms
from services.trainings.schemas.forms import (
    ChangeForm,
    ChangeFormByWorkbook,
    CreateForm,
    CreateFormOfWorkbook,
    GetForm,
    ListForms,
)


def find_forms(app: App, call: Call, query: ListForms) -> list[Form]:
    """The newest edition of each form, by id, one more than a page where there are more.

    Raises:
        errors.Unauthenticated, errors.Forbidden: for anybody but staff of some centre.
    """
    check_may_read_forms(call.caller)
    return app.forms.find(
        purpose=query.purpose,
        owner=query.centre_id,
        search=query.search,
        after=query.after,
        limit=one_more(query.limit),
    )


def get_form(app: App, call: Call, query: GetForm) -> Form:
    """One edition of a form.

    Raises:
        errors.Unauthenticated, errors.Forbidden: for anybody but staff of some centre.
        errors.NotFound: if there is no such form or edition.
    """
    check_may_read_forms(call.caller)
    if query.edition is None:
        return app.forms.latest(query.id)
    return app.forms.edition(query.id, query.edition)


def create_form(app: App, call: Call, command: CreateForm) -> Form:
    """Make a form; the same key gives the same form again.

    Raises:
        errors.Unauthenticated, errors.Forbidden: for anybody but staff of the centre.
        errors.Invalid: ``trainings.unknown_centre``.
    """
    permissions.check_runs_cohorts_at(call.caller, command.centre_id)
    request = Request.of(call, "trainings.create_form", asdict(command))
    return _create(app, call, request, command)


def create_form_of_workbook(app: App, call: Call, command: CreateFormOfWorkbook) -> Form:
    """Make a form of an XLSForm workbook; the same key gives the same form again.

    Raises:
        errors.Unauthenticated, errors.Forbidden: for anybody but staff of the centre.
        errors.Invalid: ``trainings.unknown_centre``; ``files.…`` and ``forms.xlsform_…``; or
            naming what is wrong with the questions, as of a form that was written by hand.
    """
    permissions.check_runs_cohorts_at(call.caller, command.centre_id)
    said = asdict(command) | {"file": sha256(command.file).hexdigest()}
    request = Request.of(call, "trainings.create_form_of_workbook", said)
    title, questions = read_workbook(command.name, command.file)
    made = CreateForm(command.purpose, command.centre_id, title, questions)
    return _create(app, call, request, made)


def _create(app: App, call: Call, request: Request, command: CreateForm) -> Form:
    def work(session: Session) -> Form:
        if app.centres.look_up(command.centre_id, session) is None:
            raise UNKNOWN_CENTRE(errors=[FieldError("/centre_id", UNKNOWN_CENTRE.code)])
        form = Form(
            id=app.new_id(),
            title=command.title,
            questions=command.questions,
            updated_at=app.clock.now(),
            purpose=command.purpose.value,
            owner=command.centre_id,
        )
        app.forms.add(session, form)
        record_change(app, call.caller, session, form, None, facts_of(form))
        return form

    return app.keys.once(request, work, save=FORM.document_of, load=FORM.aggregate_of)


def change_form(app: App, call: Call, command: ChangeForm) -> Form:
    """Change the words or questions of a form: the same edition, or the next one if this one has
    been answered. A request that changes nothing gives it as it is.

    Raises:
        errors.NotFound: if there is none.
        errors.Unauthenticated, errors.Forbidden: for anybody but staff of its centre.
        errors.Stale: it is not at the expected version any more.
        errors.Invalid: naming what is wrong with the questions.
    """

    def changed(before: Form) -> Form:
        questions = before.questions if command.questions is None else command.questions
        check_questions(questions)
        return before.revised(command.title or before.title, questions, app.clock.now())

    return _change(app, call, command.id, command.expected_version, changed, command.reason)


def change_form_by_workbook(app: App, call: Call, command: ChangeFormByWorkbook) -> Form:
    """Put what an XLSForm workbook asks in place of the questions of a form.

    A question that is marked as identifying stays so, since other tools may drop the mark.

    Raises:
        as :func:`change_form`; and errors.Invalid: ``files.…`` and ``forms.xlsform_…``.
    """
    check_may_read_forms(call.caller)

    def changed(before: Form) -> Form:
        title, questions = read_workbook(command.name, command.file)
        marked = {each.id for each in before.questions if each.identifying}
        kept = tuple(
            replace(each, identifying=each.identifying or each.id in marked) for each in questions
        )
        # A workbook has the title in one language.
        same = title[DEFAULT_LANGUAGE] == before.title[DEFAULT_LANGUAGE]
        return before.revised(before.title if same else title, kept, app.clock.now())

    return _change(app, call, command.id, command.expected_version, changed, None)


def form_workbook(app: App, call: Call, query: GetForm) -> CheckedFile:
    """An edition as an XLSForm workbook.

    Raises:
        as :func:`get_form`.
    """
    form = get_form(app, call, query)
    return check_file(f"{form.purpose}-{form.edition}.xlsx", workbook_of(form))


def form_history(app: App, call: Call, query: ListHistory) -> list[Change]:
    """Who changed what of a form, when and why; oldest first, one more than a page where there are
    more.

    Raises:
        as :func:`get_form`.
    """
    form = get_form(app, call, GetForm(query.id))
    return app.history.of(subject_of(form), after=query.after, limit=one_more(query.limit))


def _change(
    app: App,
    call: Call,
    form_id: str,
    expected_version: int,
    changed: Callable[[Form], Form],
    reason: str | None,
) -> Form:
    check_may_read_forms(call.caller)

    def work(session: Session) -> Form:
        before = app.forms.latest(form_id, session)
        permissions.check_runs_cohorts_at(call.caller, before.owner)
        if before.version != expected_version:
            raise errors.Stale()
        after = changed(before)
        if after is before:
            return before
        app.forms.save(session, before, after)
        was = facts_of(before)
        record_change(app, call.caller, session, after, was, facts_of(after), reason)
        return after

    return app.database.transact(work)


def read_workbook(name: str, file: bytes) -> tuple[Name, tuple[Question, ...]]:
    """Title and questions of an XLSForm workbook.

    Raises:
        errors.Invalid: ``files.…`` where it is no workbook, ``forms.xlsform_…``, or naming what is
            wrong with the questions.
    """
    checked = check_file(name, file, largest=LARGEST_FILE, types=(".xlsx",))
    definition = definition_of(checked.data)
    try:
        return load_definition(definition)
    except ValidationError as error:
        raise errors.Invalid(
            detail="the workbook makes no sound form", errors=field_errors(error.messages)
        ) from error


def facts_of(form: Form) -> Mapping[str, Any]:
    """What a history says of a form, in wire form."""
    return {
        "title": dict(form.title),
        "edition": form.edition,
        "questions": [each.id for each in form.questions],
        "purpose": FormPurpose(form.purpose).value,
        "centre_id": form.owner,
    }
