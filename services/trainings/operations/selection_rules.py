"""How the applications of a cohort are selected: criteria and reviewers, ranking, the shortlist."""

from __future__ import annotations

from dataclasses import asdict

from services.common import errors
from services.common.authorisation import check_signed_in, is_staff_of
from services.common.context import Call
from services.common.contracts.trainings import events
from services.common.contracts.trainings.selection_errors import (
    NO_SELECTION,
    REVIEWS_BEGUN,
    UNKNOWN_REVIEWER,
)
from services.common.errors import FieldError
from services.common.storage.idempotency import Request
from services.common.storage.mongo import Session
from services.trainings.app import App
from services.trainings.domain import permissions
from services.trainings.domain.application_states import ApplicationAction, ApplicationStatus
from services.trainings.domain.applications import Application
from services.trainings.domain.cohorts import Cohort
from services.trainings.domain.reviews import UNDECIDED, is_reviewer
from services.trainings.domain.selection import (
    Candidate,
    Review,
    make_shortlist,
    rank_candidates,
    score_application,
)
from services.trainings.operations.applying import lock_cohort, once_for_all
from services.trainings.operations.cohorts import cohort_to_run, get_cohort
from services.trainings.schemas.selection import (
    Ranked,
    SetReviewers,
    SetSelection,
    ShortlistBest,
)
from services.trainings.steps.gaps import refresh_gaps, with_gaps
from services.trainings.steps.review_events import record_review_assigned
from services.trainings.steps.save_application import Saved, save_applications
from services.trainings.steps.save_cohort import save_cohort


def get_selection(app: App, call: Call, cohort_id: str) -> tuple[Cohort, bool]:
    """The cohort with its rules, for staff of its centre and its reviewers; and whether the caller
    may know who reviews.

    Raises:
        errors.Unauthenticated: for a visitor.
        errors.NotFound: if there is no such cohort.
        errors.Forbidden: for anybody else.
    """
    check_signed_in(call.caller)
    cohort = get_cohort(app, call, cohort_id)
    staff = is_staff_of(call.caller, cohort.centre_id)
    if not staff and not is_reviewer(call.caller, cohort):
        raise errors.Forbidden()
    return cohort, staff


def set_selection(app: App, call: Call, command: SetSelection) -> Cohort:
    """Say what reviewers score, and how. The rules stay once an application is reviewed.

    Raises:
        errors.NotFound: if there is no such cohort, or it is a draft that the caller may not see.
        errors.Unauthenticated, errors.Forbidden: for anybody but staff of its centre.
        errors.Stale: it is not at the expected version any more.
        errors.Conflict: ``trainings.reviews_begun``, ``trainings.cohort_not_allowed_now``.
    """

    def work(session: Session) -> Cohort:
        cohort_to_run(app, call, session, command.id, command.expected_version)
        # A review locks the cohort too, so that none comes in between.
        before = app.cohorts.lock(session, command.id)
        after = before.changed({"selection": command.selection})
        if after is before:
            return before
        if app.reviews.any_of_cohort(before.id, session):
            raise REVIEWS_BEGUN()
        save_cohort(app, call.caller, session, events.COHORT_CHANGED, before, after)
        return after

    return app.database.transact(work)


def set_reviewers(app: App, call: Call, command: SetReviewers) -> Cohort:
    """Say who reviews the applications. What a person has scored counts after the person is none
    any more.

    Raises:
        errors.NotFound, errors.Unauthenticated, errors.Forbidden, errors.Stale: as of
            :func:`set_selection`.
        errors.Invalid: ``trainings.unknown_reviewer``, naming each.
        errors.Conflict: ``trainings.cohort_not_allowed_now``.
    """

    def work(session: Session) -> Cohort:
        before = cohort_to_run(app, call, session, command.id, command.expected_version)
        known = app.directory.people(command.person_ids, session)
        faults = [
            FieldError(f"/person_ids/{number}", UNKNOWN_REVIEWER.code)
            for number, each in enumerate(command.person_ids)
            if each not in known and each not in before.reviewers
        ]
        if faults:
            raise UNKNOWN_REVIEWER(errors=faults)
        after = before.changed({"reviewers": command.person_ids})
        if after is not before:
            save_cohort(app, call.caller, session, events.COHORT_CHANGED, before, after)
            record_review_assigned(app, call.caller, session, after, before.reviewers)
        return after

    return app.database.transact(work)


def cohort_ranking(app: App, call: Call, cohort_id: str) -> list[Ranked]:
    """The undecided applications of a cohort, the best first, with the parts of each score.

    Raises:
        errors.NotFound: if there is no such cohort.
        errors.Unauthenticated, errors.Forbidden: for anybody but staff of its centre.
        errors.Conflict: ``trainings.no_selection``.
    """
    cohort = get_cohort(app, call, cohort_id)
    permissions.check_runs_cohorts_at(call.caller, cohort.centre_id)
    if cohort.selection is None:
        raise NO_SELECTION()
    reviews: dict[str, list[Review]] = {}
    for each in app.reviews.of_cohort(cohort.id):
        reviews.setdefault(each.application_id, []).append(each.review)
    undecided = app.applications.of_cohort(cohort.id, UNDECIDED)
    found = {each.id: each for each in with_gaps(app, cohort, undecided)}
    people = app.participants.named({each.participant_id for each in found.values()})
    ranked = []
    for candidate in rank_candidates(_candidate(each) for each in found.values()):
        application = found[candidate.application_id]
        given = reviews.get(application.id, [])
        person = people.get(application.participant_id)
        name = None if person is None or person.erased else person.name
        score = score_application(cohort.selection, given)
        ranked.append(Ranked(application, name, score, len(given)))
    return ranked


def shortlist_best(app: App, call: Call, command: ShortlistBest) -> list[Application]:
    """Put the best onto the shortlist, those who are on it already included; the same key gives the
    same answer again.

    Returns:
        the shortlist, the best first.

    Raises:
        errors.NotFound: if there is no such cohort.
        errors.Unauthenticated, errors.Forbidden: for anybody but staff of its centre.
    """
    check_signed_in(call.caller)
    # Before an earlier answer is given, too.
    cohort = get_cohort(app, call, command.cohort_id)
    permissions.check_runs_cohorts_at(call.caller, cohort.centre_id)
    request = Request.of(call, "trainings.shortlist_best", asdict(command))

    def work(session: Session) -> list[Application]:
        cohort = lock_cohort(app, session, call.caller, command.cohort_id)
        permissions.check_runs_cohorts_at(call.caller, cohort.centre_id)
        undecided = app.applications.of_cohort(cohort.id, UNDECIDED, session)
        found = {each.id: each for each in refresh_gaps(app, session, cohort, undecided)}
        shortlist = make_shortlist(
            [_candidate(each) for each in found.values()],
            command.most,
            least_score=command.least_score,
        )
        listed: list[Application] = []
        steps: list[Saved] = []
        for candidate in shortlist.chosen:
            before = found[candidate.application_id]
            after = before
            if before.status is ApplicationStatus.SUBMITTED:
                after = before.after(ApplicationAction.SHORTLIST, app.clock.now())
                steps.append(Saved(call.caller, before, after))
            listed.append(after)
        save_applications(app, session, cohort, steps)
        return listed

    return once_for_all(app, request, work)


def _candidate(application: Application) -> Candidate:
    return Candidate(application.id, application.applied_at, application.score, application.gap)
