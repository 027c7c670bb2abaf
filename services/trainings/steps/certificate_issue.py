"""Issuing certificates inside a use case's transaction, and how enrolments end by it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from services.common.context import Caller
from services.common.storage.mongo import AlreadyThere, RetryTransaction, Session
from services.trainings.app import App
from services.trainings.domain.answering import Occasion, window_of
from services.trainings.domain.application_states import ApplicationAction, ApplicationStatus
from services.trainings.domain.certificates import Certificate, Kind
from services.trainings.domain.cohorts import Cohort
from services.trainings.domain.deadlines import DeadlineKind
from services.trainings.domain.earning import Earning
from services.trainings.domain.issuing import (
    ISSUED_AFTER,
    ISSUED_UNTIL,
    IssueOutcome,
    IssueReport,
    IssueResult,
    enrolled_people,
    issue_certificate,
    judge,
    outcome_of,
    present_certificate,
)
from services.trainings.steps.certificate_events import record_all_issued
from services.trainings.steps.earnings import earnings_in
from services.trainings.steps.save_application import Saved, save_applications

_STATUS_AFTER = {
    ApplicationAction.COMPLETE: ApplicationStatus.COMPLETED,
    ApplicationAction.FAIL: ApplicationStatus.NOT_COMPLETED,
}


def preview_issue(
    app: App,
    session: Session,
    cohort: Cohort,
    people: Sequence[str],
    kind: Kind,
    *,
    named: bool,
) -> IssueReport:
    """What :func:`issue_earned` would give, with nothing written."""
    return _judged(app, session, cohort, people, kind, named=named)[0]


def issue_earned(
    app: App,
    caller: Caller,
    session: Session,
    cohort: Cohort,
    people: Sequence[str],
    kind: Kind,
    *,
    named: bool,
) -> IssueReport:
    """Issue a certificate to each of these people who has earned one and has none of the kind.

    Of a completion the enrolments end with it: completed, or not completed where no mark and no
    test can change that any more.

    Args:
        cohort: its last session has ended.
        people: ids of participants with a seat, each once.
        named: whether a person has named them: only then a revoked certificate is replaced.

    Raises:
        RetryTransaction: if another transaction has issued one of them meanwhile.
    """
    judged, earnings = _judged(app, session, cohort, people, kind, named=named)
    earners = [
        each.participant_id for each in judged.results if each.outcome is IssueOutcome.ISSUED
    ]
    issued = {
        each.person_id: each for each in issue_to(app, caller, session, cohort, earners, kind)
    }
    if kind is Kind.COMPLETION:
        _end_decided(app, caller, session, cohort, earnings)
    results = (
        IssueResult(each.participant_id, each.outcome, issued[each.participant_id].id)
        if each.participant_id in issued
        else each
        for each in judged.results
    )
    return IssueReport(cohort.id, tuple(results))


def issue_to(
    app: App,
    caller: Caller,
    session: Session,
    cohort: Cohort,
    people: Sequence[str],
    kind: Kind,
) -> list[Certificate]:
    """Issue a certificate to each of these people, who have earned it and have none.

    Args:
        cohort: its last session has ended.
        people: ids of participants, each once.

    Returns:
        the certificates, in the order of the people.

    Raises:
        RetryTransaction: if another transaction has issued one of them meanwhile.
    """
    course = app.courses.get(cohort.course_id, session)
    centre = app.centres.get(cohort.centre_id, session)
    participants = app.participants.named(people, session)
    certificates = [
        issue_certificate(
            cohort,
            participants[each],
            centre,
            id=app.new_id(),
            code=app.new_code(),
            kind=kind,
            valid_months=course.certificate_months,
            now=app.clock.now(),
        )
        for each in people
    ]
    try:
        app.certificates.add_all(session, certificates)
    except AlreadyThere as overtaken:
        raise RetryTransaction from overtaken
    record_all_issued(app, caller, session, certificates, participants)
    return certificates


def set_certificates_deadline(app: App, session: Session, cohort: Cohort) -> None:
    """Set when the certificates of a cohort that is over are issued next without being asked for:
    a day from now, as long as marks and tests may come."""
    assert cohort.ends_at is not None
    due_at = app.clock.now() + ISSUED_AFTER
    if due_at <= cohort.ends_at + ISSUED_UNTIL:
        app.deadlines.set(session, DeadlineKind.CERTIFICATES, cohort.id, due_at)


def end_enrolments(app: App, caller: Caller, session: Session, cohort: Cohort) -> None:
    """Have all enrolments in a cohort end that is closed: what is open is not completed."""
    people = sorted(enrolled_people(cohort))
    earnings = earnings_in(app, session, cohort, people, Kind.COMPLETION)
    ends = {
        each: outcome_of(earning, test_open=False) or ApplicationAction.FAIL
        for each, earning in earnings.items()
    }
    _end(app, caller, session, cohort, ends)


def _end_decided(
    app: App, caller: Caller, session: Session, cohort: Cohort, earnings: Mapping[str, Earning]
) -> None:
    """Have those enrolments end that no mark and no test can change any more.

    Args:
        earnings: by the person's id.
    """
    test_open = app.clock.now() < window_of(Occasion.POST_TEST, cohort).closes_at
    outcomes = {each: outcome_of(of, test_open=test_open) for each, of in earnings.items()}
    ends = {each: action for each, action in outcomes.items() if action is not None}
    _end(app, caller, session, cohort, ends)


def _end(
    app: App,
    caller: Caller,
    session: Session,
    cohort: Cohort,
    ends: Mapping[str, ApplicationAction],
) -> None:
    applications = enrolled_people(cohort)
    found = app.applications.named([applications[each] for each in ends], session)
    steps = [
        Saved(caller, before, before.after(action, app.clock.now()))
        for person_id, action in ends.items()
        if (before := found[applications[person_id]]).status is not _STATUS_AFTER[action]
    ]
    save_applications(app, session, cohort, steps)


def _judged(
    app: App,
    session: Session,
    cohort: Cohort,
    people: Sequence[str],
    kind: Kind,
    *,
    named: bool,
) -> tuple[IssueReport, dict[str, Earning]]:
    """What is to become of each of these people, and what the rule says of them."""
    earnings = earnings_in(app, session, cohort, people, kind)
    records = app.participants.records_of(people, session)
    held: dict[str, list[Certificate]] = defaultdict(list)
    for each in app.certificates.of_people(cohort.id, records, session):
        assert each.person_id is not None, "it was found by its person"
        if each.kind is kind:
            held[records[each.person_id]].append(each)
    present = {person_id: present_certificate(found) for person_id, found in held.items()}
    participants = app.participants.named(people, session)
    results = (
        judge(
            each,
            earnings[each],
            present.get(each),
            named=named,
            erased=each in participants and participants[each].erased,
        )
        for each in people
    )
    return IssueReport(cohort.id, tuple(results)), earnings
