"""What staff decide about applications: shortlist, waitlist, decline, offer, reconsider, admit."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial

from services.common.context import Call
from services.common.contracts.trainings.application_errors import (
    COHORT_OVER,
    NO_CANDIDATES,
    UNKNOWN_APPLICATION,
)
from services.common.contracts.trainings.roster_errors import COHORT_NOT_ALLOWED_NOW, COHORT_STARTED
from services.common.errors import FieldError
from services.common.storage.idempotency import Request
from services.common.storage.mongo import Session
from services.trainings.app import App
from services.trainings.domain import admissions, departures, permissions
from services.trainings.domain.application_states import (
    TRANSITIONS,
    ApplicationAction,
    ApplicationStatus,
)
from services.trainings.domain.applications import Application, Source
from services.trainings.domain.cohort_states import CohortStatus
from services.trainings.domain.cohorts import Cohort, Mode
from services.trainings.domain.roster import Roster
from services.trainings.domain.selection import Candidate, rank_candidates
from services.trainings.operations.application_answers import Work, act_on_application
from services.trainings.operations.application_lists import may_run
from services.trainings.operations.applying import (
    centre_of,
    check_room_for,
    find_nominee,
    lock_cohort,
    new_application,
    once_for_all,
    once_for_one,
)
from services.trainings.operations.cohorts import get_cohort
from services.trainings.schemas.applications import (
    ActOnApplication,
    AdmitApplication,
    AdmitPerson,
    DecideOnApplication,
    DeclineApplication,
    OfferSeats,
)
from services.trainings.steps.gaps import refresh_gaps
from services.trainings.steps.roster_changes import apply_roster_change
from services.trainings.steps.save_application import save_application
from services.trainings.store.cohorts import turn_of_cohort


def shortlist_application(app: App, call: Call, command: ActOnApplication) -> Application:
    """Put an application on the shortlist, from which seats are offered.

    Raises:
        errors.Unauthenticated, errors.NotFound: as of
            :func:`services.trainings.operations.application_lists.get_application`.
        errors.Forbidden: for anybody but staff of the centre.
        errors.Stale: it is not at the expected version any more.
        errors.Conflict: ``trainings.application_not_allowed_now``.
    """

    def work(session: Session, cohort: Cohort, before: Application) -> None:
        after = before.after(ApplicationAction.SHORTLIST, app.clock.now())
        save_application(app, call.caller, session, cohort, before, after)

    return _decide(app, call, command.id, command.expected_version, work)


def waitlist_application(app: App, call: Call, command: ActOnApplication) -> Application:
    """Put an application into the queue. No seat stays empty for it: a free one that the person may
    have is offered at once.

    Raises:
        errors.Unauthenticated, errors.NotFound, errors.Forbidden, errors.Stale: as of
            :func:`shortlist_application`.
        errors.Conflict: ``trainings.application_not_allowed_now``, ``trainings.cohort_started``.
    """

    def work(session: Session, cohort: Cohort, before: Application) -> None:
        TRANSITIONS.after(before.status, ApplicationAction.WAITLIST)
        [known] = refresh_gaps(app, session, cohort, [before])
        change = admissions.offer_seats(_roster(cohort), [known.entry], app.clock.now())
        apply_roster_change(app, call.caller, session, cohort, change)

    return _decide(app, call, command.id, command.expected_version, work)


def decline_application(app: App, call: Call, command: DeclineApplication) -> Application:
    """Decline an application, with a reason that the person reads.

    Raises:
        errors.Unauthenticated, errors.NotFound, errors.Forbidden, errors.Stale, errors.Conflict:
            as of :func:`shortlist_application`.
    """

    def work(session: Session, cohort: Cohort, before: Application) -> None:
        now = app.clock.now()
        after = before.after(
            ApplicationAction.DECLINE, now, reason=command.reason.value, note=command.note
        )
        save_application(app, call.caller, session, cohort, before, after)
        if before.status is ApplicationStatus.WAITLISTED:
            change = departures.decline_waiting(_roster(cohort), before.id, now)
            apply_roster_change(app, call.caller, session, cohort, change)

    return _decide(app, call, command.id, command.expected_version, work)


def reconsider_application(app: App, call: Call, command: DecideOnApplication) -> Application:
    """Take back that an application was declined: it is as if it had just been handed in, with the
    time of then. A cohort without a selection gives it a seat or a place in the queue.

    Raises:
        errors.Unauthenticated, errors.NotFound, errors.Forbidden, errors.Stale: as of
            :func:`shortlist_application`.
        errors.Conflict: ``trainings.application_not_allowed_now``, ``trainings.cohort_started``,
            ``trainings.cohort_cancelled``.
    """

    def work(session: Session, cohort: Cohort, before: Application) -> None:
        roster = _roster(cohort)
        if roster.closed is not None:
            raise COHORT_STARTED()
        after = before.after(ApplicationAction.RECONSIDER, app.clock.now(), note=command.note)
        save_application(app, call.caller, session, cohort, before, after)
        if cohort.mode is Mode.FIRST_COME:
            change = admissions.enrol(roster, [after.entry], app.clock.now())
            apply_roster_change(app, call.caller, session, cohort, change)

    return _decide(app, call, command.id, command.expected_version, work)


def offer_seats(app: App, call: Call, command: OfferSeats) -> list[Application]:
    """Offer seats to the best of the shortlist, or to applicants who are named; whom no seat is
    free for waits in the queue. The same key gives the same answer again.

    Raises:
        errors.NotFound: if there is no such cohort.
        errors.Unauthenticated, errors.Forbidden: for anybody but staff of the centre.
        errors.Invalid: ``trainings.unknown_application``, naming each.
        errors.Conflict: ``trainings.no_candidates``, ``trainings.application_not_allowed_now``,
            ``trainings.cohort_started``, ``trainings.cohort_cancelled``.
    """
    # Before an earlier answer is given, too.
    centre_id = get_cohort(app, call, command.cohort_id).centre_id
    permissions.check_runs_cohorts_at(call.caller, centre_id)
    request = Request.of(call, "trainings.offer_seats", asdict(command))

    def work(session: Session) -> list[Application]:
        cohort = lock_cohort(app, session, call.caller, command.cohort_id)
        chosen = refresh_gaps(app, session, cohort, _chosen(app, session, cohort, command))
        for each in chosen:
            TRANSITIONS.after(each.status, ApplicationAction.OFFER)
        entries = [each.entry for each in chosen]
        change = admissions.offer_seats(_roster(cohort), entries, app.clock.now())
        apply_roster_change(app, call.caller, session, cohort, change)
        stored = app.applications.named([each.id for each in chosen], session)
        return [stored[each.id] for each in chosen]

    turn = turn_of_cohort(command.cohort_id)
    return once_for_all(app, request, work, turn)


def admit_application(app: App, call: Call, command: AdmitApplication) -> Application:
    """Give an applicant a free seat, whatever the rules of fairness say; also after the start.

    Raises:
        errors.Unauthenticated, errors.NotFound: as of
            :func:`services.trainings.operations.application_lists.get_application`.
        errors.Forbidden: for anybody but staff of the centre and trainers of the cohort.
        errors.Stale: it is not at the expected version any more.
        errors.Conflict: ``trainings.no_seat``, ``trainings.application_not_allowed_now``,
            ``trainings.cohort_cancelled``, ``trainings.cohort_over``.
    """

    def work(session: Session, cohort: Cohort, before: Application) -> None:
        TRANSITIONS.after(before.status, ApplicationAction.ADMIT_BY_HAND)
        _admit(app, call, session, cohort, before, command.reason)

    return act_on_application(
        app,
        call,
        command.id,
        command.expected_version,
        work,
        check_may=partial(_check_may_admit, app, call),
    )


def admit_person(app: App, call: Call, command: AdmitPerson) -> Application:
    """Give a free seat to a person who has not applied; the same key gives the same answer again.

    Raises:
        errors.NotFound: if there is no such cohort.
        errors.Unauthenticated, errors.Forbidden: for anybody but staff of the centre and trainers
            of the cohort.
        errors.Invalid: ``trainings.not_a_member``, ``trainings.unknown_centre``,
            ``trainings.unknown_organisation``.
        errors.Conflict: as of :func:`admit_application`; ``trainings.organisation_not_approved``,
            ``trainings.participant_gone``, ``trainings.too_many_applications``.
    """
    # Before an earlier answer is given, too.
    _check_may_admit(app, call, get_cohort(app, call, command.cohort_id))
    request = Request.of(call, "trainings.admit_person", asdict(command))
    organisation_id = command.organisation_id

    def work(session: Session) -> Application:
        cohort = lock_cohort(app, session, call.caller, command.cohort_id)
        if organisation_id is not None:
            app.organisations.check_may_use(session, call.caller, organisation_id)
        centre_id = centre_of(app, session, cohort, command.centre_id)
        person = find_nominee(app, call.caller, session, command.person, organisation_id, "/person")
        application = app.applications.of_person(cohort.id, person.id, session)
        if application is None:
            check_room_for(app, session, cohort, 1)
            application = new_application(
                app, cohort, person, Source.STAFF, organisation_id, centre_id
            )
            save_application(app, call.caller, session, cohort, None, application)
        TRANSITIONS.after(application.status, ApplicationAction.ADMIT_BY_HAND)
        _admit(app, call, session, cohort, application, command.reason)
        return app.applications.get(application.id, session)

    return once_for_one(app, request, work, turn_of_cohort(command.cohort_id))


def _admit(
    app: App, call: Call, session: Session, cohort: Cohort, application: Application, reason: str
) -> None:
    if cohort.status in {CohortStatus.COMPLETED, CohortStatus.CLOSED}:
        raise COHORT_OVER()
    change = admissions.admit_by_hand(
        _roster(cohort), application.entry, app.clock.now(), note=reason
    )
    apply_roster_change(app, call.caller, session, cohort, change)


def _check_may_admit(app: App, call: Call, cohort: Cohort, _: Application | None = None) -> None:
    runs = may_run(app, call.caller, cohort)
    permissions.check_teaches(call.caller, cohort, trains=runs)


def _chosen(app: App, session: Session, cohort: Cohort, command: OfferSeats) -> list[Application]:
    """The applications that seats are offered to, the best first.

    Raises:
        errors.Invalid: ``trainings.unknown_application``.
        errors.Conflict: ``trainings.no_candidates``.
    """
    if command.first is None:
        found = app.applications.named(command.application_ids, session)
        faults = [
            FieldError(f"/application_ids/{number}", UNKNOWN_APPLICATION.code)
            for number, each in enumerate(command.application_ids)
            if each not in found or found[each].cohort_id != cohort.id
        ]
        if faults:
            raise UNKNOWN_APPLICATION(errors=faults)
        return list(found.values())
    listed = app.applications.of_cohort(cohort.id, (ApplicationStatus.SHORTLISTED,), session)
    if not listed:
        raise NO_CANDIDATES()
    listed = refresh_gaps(app, session, cohort, listed)
    by_id = {each.id: each for each in listed}
    ranked = rank_candidates(
        Candidate(each.id, each.applied_at, each.score, each.gap) for each in listed
    )
    return [by_id[each.application_id] for each in ranked[: command.first]]


def _decide(
    app: App, call: Call, application_id: str, expected_version: int, work: Work
) -> Application:
    """Do something that staff of the centre alone may do."""

    def check_may(cohort: Cohort, _: Application) -> None:
        permissions.check_runs_cohorts_at(call.caller, cohort.centre_id)

    return act_on_application(
        app, call, application_id, expected_version, work, check_may=check_may
    )


def _roster(cohort: Cohort) -> Roster:
    """Raises:
    errors.Conflict: ``trainings.cohort_not_allowed_now``: it is not announced.
    """
    if cohort.roster is None:
        raise COHORT_NOT_ALLOWED_NOW(state=cohort.status.value)
    return cohort.roster
