"""What applicants do about their application: they accept or decline an offer, or withdraw."""

from __future__ import annotations

from collections.abc import Callable

from services.common import errors
from services.common.context import Call
from services.common.contracts.trainings.roster_errors import APPLICATION_NOT_ALLOWED_NOW
from services.common.storage.mongo import Session
from services.trainings.app import App
from services.trainings.domain import admissions, departures, permissions
from services.trainings.domain.application_states import TRANSITIONS, ApplicationAction
from services.trainings.domain.applications import Application
from services.trainings.domain.cohorts import Cohort
from services.trainings.domain.roster import Reason
from services.trainings.operations.application_lists import application_to_see, own_participant_id
from services.trainings.schemas.applications import ActOnApplication
from services.trainings.steps.roster_changes import apply_roster_change
from services.trainings.steps.save_application import save_application
from services.trainings.store.cohorts import turn_of_cohort


def accept_offer(app: App, call: Call, command: ActOnApplication) -> Application:
    """Take the seat that is offered.

    The person answers, a representative of the organisation for its people, or staff for whom they
    have on the telephone.

    Raises:
        errors.Unauthenticated: for a visitor.
        errors.NotFound: if there is none, or the caller may not see it.
        errors.Forbidden: for a trainer of the cohort, who sees it.
        errors.Stale: it is not at the expected version any more.
        errors.Conflict: ``trainings.application_not_allowed_now``, ``trainings.offer_over``.
    """

    def work(session: Session, cohort: Cohort, before: Application) -> None:
        TRANSITIONS.after(before.status, ApplicationAction.ACCEPT_OFFER)
        assert cohort.roster is not None, "an offer is of a roster"
        change = admissions.accept_offer(cohort.roster, before.id, app.clock.now())
        apply_roster_change(app, call.caller, session, cohort, change)

    return _answer(app, call, command, work)


def decline_offer(app: App, call: Call, command: ActOnApplication) -> Application:
    """Give an offered seat back; it is offered to the next.

    Raises:
        errors.Unauthenticated, errors.NotFound, errors.Stale, errors.Conflict: as of
            :func:`accept_offer`.
    """

    def work(session: Session, cohort: Cohort, before: Application) -> None:
        TRANSITIONS.after(before.status, ApplicationAction.DECLINE_OFFER)
        assert cohort.roster is not None, "an offer is of a roster"
        change = departures.decline_offer(cohort.roster, before.id, app.clock.now())
        apply_roster_change(app, call.caller, session, cohort, change)

    return _answer(app, call, command, work)


def withdraw_application(app: App, call: Call, command: ActOnApplication) -> Application:
    """Leave: the queue, an offer, or a seat, also after the start.

    Raises:
        errors.Unauthenticated, errors.NotFound, errors.Stale, errors.Conflict: as of
            :func:`accept_offer`.
    """

    def work(session: Session, cohort: Cohort, before: Application) -> None:
        now = app.clock.now()
        roster = cohort.roster
        if roster is not None and roster.entry(before.id) is not None:
            change = departures.withdraw(roster, before.id, now)
            apply_roster_change(app, call.caller, session, cohort, change)
            return
        after = before.after(ApplicationAction.WITHDRAW, now, reason=Reason.OWN_CHOICE.value)
        save_application(app, call.caller, session, cohort, before, after)

    return _answer(app, call, command, work)


def _answer(app: App, call: Call, command: ActOnApplication, work: Work) -> Application:
    def check_may(_: Cohort, application: Application) -> None:
        own_id = own_participant_id(app, call.caller)
        permissions.check_may_answer(call.caller, own_id, application)

    return act_on_application(
        app, call, command.id, command.expected_version, work, check_may=check_may
    )


Work = Callable[[Session, Cohort, Application], None]


def act_on_application(
    app: App,
    call: Call,
    application_id: str,
    expected_version: int,
    work: Work,
    *,
    check_may: Callable[[Cohort, Application], None],
) -> Application:
    """Do something with an application in one transaction, with its cohort locked.

    Args:
        work: changes it; it is given the cohort and the application as they stand.
        check_may: refuses callers who may see the application and may not do this.

    Returns:
        the application afterwards.

    Raises:
        errors.Unauthenticated: for a visitor.
        errors.NotFound: if there is none, or the caller may not see it.
        errors.Stale: it is not at the expected version any more.
        errors.Conflict: ``trainings.application_not_allowed_now``: another application of the
            person counts in its place.
        What the work and the check raise.
    """
    # It never changes its cohort, so that may be asked before: the lock is the first step.
    cohort_id = application_to_see(app, call.caller, application_id).cohort_id

    def locked(session: Session) -> Application:
        cohort = app.cohorts.lock(session, cohort_id)
        before = application_to_see(app, call.caller, application_id, session)
        check_may(cohort, before)
        if before.version != expected_version:
            raise errors.Stale()
        if before.merged_into is not None:
            # Another application of the person counts for this cohort.
            raise APPLICATION_NOT_ALLOWED_NOW(state=before.status.value)
        work(session, cohort, before)
        return app.applications.get(application_id, session)

    return app.database.transact(locked, turn=turn_of_cohort(cohort_id))
