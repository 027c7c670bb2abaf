"""Applications as people read them: lists, one of them, its history; the seats of a cohort."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from services.common import errors
from services.common.authorisation import check_signed_in, is_staff_of
from services.common.context import Call, Caller
from services.common.history.changes import Change, subject_of
from services.common.history.wire import ListHistory
from services.common.lists import one_more
from services.common.storage.mongo import Document, Session
from services.trainings.app import App
from services.trainings.domain import permissions
from services.trainings.domain.applications import Application
from services.trainings.domain.cohorts import Cohort
from services.trainings.domain.reviews import UNDECIDED, reviews_blind
from services.trainings.domain.roster import Roster
from services.trainings.domain.seats import SeatCount, count_seats
from services.trainings.operations.cohorts import get_cohort
from services.trainings.schemas.applications import Context, ListApplications
from services.trainings.steps.assignments import trains
from services.trainings.steps.current_participant import current_id_of


def find_applications(app: App, call: Call, query: ListApplications) -> list[Application]:
    """Applications by id, one more than a page where there are more.

    Of a cohort: those that the caller may see of it. Of none: the caller's own, and those of the
    organisations that the caller represents.

    Raises:
        errors.Unauthenticated: for a visitor.
        errors.NotFound: if there is no such cohort.
    """
    check_signed_in(call.caller)
    own_id = own_participant_id(app, call.caller)
    visible: Document | None
    if query.cohort_id is None:
        visible = permissions.own_applications(call.caller, own_id)
    else:
        visible = _visible_of(app, call.caller, own_id, get_cohort(app, call, query.cohort_id))
    return app.applications.find(
        visible=visible,
        cohort_id=query.cohort_id,
        organisation_id=query.organisation_id,
        statuses=() if query.status is None else (query.status,),
        after=query.after,
        limit=one_more(query.limit),
    )


def _visible_of(app: App, caller: Caller, own_id: str, cohort: Cohort) -> Document | None:
    """The query for the applications of a cohort that the caller sees; ``None`` for all. A trainer
    who reviews in a blind selection sees, beside the own ones, those that are decided."""
    own = permissions.visible_applications(caller, own_id)
    if not may_run(app, caller, cohort):
        return own
    if own is None or not hides_applicants(caller, cohort):
        return None
    return {"$or": [{"status": {"$nin": sorted(UNDECIDED)}}, own]}


def hides_applicants(caller: Caller, cohort: Cohort) -> bool:
    """Whether it is hidden from the caller who has applied, in a blind selection. Staff of the
    centre see it, and so do not review."""
    return reviews_blind(caller, cohort) and not is_staff_of(caller, cohort.centre_id)


def get_application(app: App, call: Call, application_id: str) -> Application:
    """Raises:
    errors.Unauthenticated: for a visitor.
    errors.NotFound: if there is none, or the caller may not see it.
    """
    return application_to_see(app, call.caller, application_id)


def application_history(app: App, call: Call, query: ListHistory) -> list[Change]:
    """Who decided what about an application, when and why; oldest first, one more than a page where
    there are more.

    Raises:
        errors.Unauthenticated, errors.NotFound: as of :func:`get_application`.
        errors.Forbidden: for anybody but staff of the centre.
    """
    application = application_to_see(app, call.caller, query.id)
    permissions.check_runs_cohorts_at(call.caller, application.cohort_centre_id)
    return app.history.of(subject_of(application), after=query.after, limit=one_more(query.limit))


def context_of(app: App, applications: Sequence[Application]) -> Context:
    """What these applications are shown with: their cohorts and people."""
    return Context(
        cohorts=app.cohorts.named({each.cohort_id for each in applications}),
        participants=app.participants.named({each.participant_id for each in applications}),
    )


def cohort_seats(app: App, call: Call, cohort_id: str) -> tuple[SeatCount, bool]:
    """The seats of a cohort, counted; and whether the caller sees more than what is free.

    Raises:
        errors.NotFound: if there is none, or it is a draft that the caller may not see.
    """
    cohort = get_cohort(app, call, cohort_id)
    roster = cohort.roster
    if roster is None:  # of a draft, or of one that was cancelled as a draft
        validity = timedelta(hours=cohort.offer_hours)
        roster = Roster(cohort.capacity, cohort.created_at, validity)
    details = may_run(app, call.caller, cohort) and not hides_applicants(call.caller, cohort)
    return count_seats(roster), details


def application_to_see(
    app: App, caller: Caller, application_id: str, session: Session | None = None
) -> Application:
    """Raises:
    errors.Unauthenticated: for a visitor.
    errors.NotFound: if there is none, or the caller may not see it.
    """
    check_signed_in(caller)
    application = app.applications.get(application_id, session)
    if is_staff_of(caller, application.cohort_centre_id):
        return application
    own_id = own_participant_id(app, caller, session)
    own = permissions.is_own_application(caller, own_id, application)
    if own:
        return application
    if not trains(app, caller, application.cohort_id, session):
        raise errors.NotFound()
    if application.status in UNDECIDED:
        cohort = app.cohorts.get(application.cohort_id, session)
        if hides_applicants(caller, cohort):
            raise errors.NotFound()
    return application


def may_run(app: App, caller: Caller, cohort: Cohort, session: Session | None = None) -> bool:
    """Whether the caller is staff of the centre, or a trainer of the cohort."""
    if is_staff_of(caller, cohort.centre_id):
        return True
    return trains(app, caller, cohort.id, session)


def own_participant_id(app: App, caller: Caller, session: Session | None = None) -> str:
    """The caller's id as a participant: that of the account, or of the record that it was merged
    into."""
    return current_id_of(app, caller.id, session) if caller.kind == "person" else caller.id
