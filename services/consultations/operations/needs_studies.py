"""Needs studies: managers write them, staff read them."""

from __future__ import annotations

from dataclasses import asdict, replace

from services.common import errors
from services.common.authorisation import check_is_manager, check_signed_in, is_staff
from services.common.context import Call, Caller
from services.common.contracts.consultations.campaign_errors import STUDY_UNFIT
from services.common.errors import FieldError
from services.common.forms.questions import Form
from services.common.history.steps import record_change
from services.common.lists import one_more
from services.common.storage.idempotency import Request
from services.common.storage.mongo import Session
from services.consultations.app import App
from services.consultations.domain.needs_studies import NeedsStudy, find_faults
from services.consultations.schemas.needs_studies import (
    ChangeNeedsStudy,
    CreateNeedsStudy,
    ListNeedsStudies,
)

FORM_PURPOSE = "needs_study"
"""The purpose of the form of a study."""


def check_reads_studies(caller: Caller) -> None:
    """Raises:
    errors.Unauthenticated: for a visitor.
    errors.Forbidden: for anybody but staff of some centre, trainers and advisers.
    """
    check_signed_in(caller)
    if not (is_staff(caller) or caller.roles & {"adviser", "trainer"}):
        raise errors.Forbidden()


def find_needs_studies(app: App, call: Call, query: ListNeedsStudies) -> list[NeedsStudy]:
    """Studies by id, one more than a page where there are more.

    Raises:
        errors.Unauthenticated, errors.Forbidden: as of :func:`check_reads_studies`.
    """
    check_reads_studies(call.caller)
    return app.needs_studies.page(after=query.after, limit=one_more(query.limit))


def get_needs_study(app: App, call: Call, study_id: str) -> tuple[NeedsStudy, Form]:
    """A study with the newest edition of its form.

    Raises:
        errors.Unauthenticated, errors.Forbidden: as of :func:`check_reads_studies`.
        errors.NotFound: if there is none.
    """
    check_reads_studies(call.caller)
    study = app.needs_studies.get(study_id)
    return study, app.forms.latest(study.form_id)


def create_needs_study(app: App, call: Call, command: CreateNeedsStudy) -> tuple[NeedsStudy, Form]:
    """Write a study down with its form; the same key gives the same study again.

    Raises:
        errors.Unauthenticated, errors.Forbidden: for anybody but a manager.
        errors.Invalid: ``consultations.study_unfit``.
    """
    check_is_manager(call.caller)
    request = Request.of(call, "consultations.create_needs_study", asdict(command))

    def work(session: Session) -> NeedsStudy:
        form = Form(
            id=app.new_id(),
            title=command.form_title,
            questions=command.questions,
            updated_at=app.clock.now(),
            purpose=FORM_PURPOSE,
        )
        study = NeedsStudy(
            id=app.new_id(),
            title=command.title,
            form_id=form.id,
            needs=command.needs,
            centre_question=command.centre_question,
            kind_question=command.kind_question,
        )
        add_needs_study(app, call.caller, session, study, form)
        return study

    study = app.keys.once(
        request,
        work,
        save=app.needs_studies.document_of,
        load=app.needs_studies.aggregate_of,
    )
    return study, app.forms.latest(study.form_id)


def add_needs_study(
    app: App, caller: Caller, session: Session, study: NeedsStudy, form: Form
) -> None:
    """Store a new study with its form.

    Raises:
        errors.Invalid: ``consultations.study_unfit``.
    """
    _check_fits(app, session, study, form)
    app.forms.add(session, form)
    app.needs_studies.add(session, study)
    record_change(app, caller, session, study, None, study.facts)


def change_needs_study(app: App, call: Call, command: ChangeNeedsStudy) -> tuple[NeedsStudy, Form]:
    """Change a study or its questions; what campaigns have asked stays as it was asked.

    Raises:
        errors.Unauthenticated, errors.Forbidden: for anybody but a manager.
        errors.NotFound: if there is none.
        errors.Stale: it is not at the expected version any more.
        errors.Invalid: ``consultations.study_unfit``.
    """
    check_is_manager(call.caller)

    def work(session: Session) -> tuple[NeedsStudy, Form]:
        before = app.needs_studies.get(command.id, session)
        if before.version != command.expected_version:
            raise errors.Stale()
        form = app.forms.latest(before.form_id, session)
        revised = form
        if command.form is not None:
            revised = form.revised(*command.form, app.clock.now())
        after = replace(before, **command.changes)
        if after == before and revised is form:
            return before, form
        after = replace(after, version=before.version + 1)
        _check_fits(app, session, after, revised)
        if revised is not form:
            app.forms.save(session, form, revised)
        app.needs_studies.save(session, after, before.version)
        record_change(app, call.caller, session, after, before.facts, after.facts, command.reason)
        return after, revised

    return app.database.transact(work)


def _check_fits(app: App, session: Session, study: NeedsStudy, form: Form) -> None:
    centres = [each.id for each in app.centres.page(session=session)]
    faults = [
        FieldError("/" + "/".join(map(str, place)), code)
        for place, code in find_faults(study, form, centres)
    ]
    if faults:
        raise STUDY_UNFIT(errors=faults)
