"""Issuing certificates to those who have earned them, by the rule of their cohort."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from fractions import Fraction

from cattrs import Converter

from services.common.context import SYSTEM, Call
from services.common.contracts.trainings.certificate_errors import WITHOUT_SEAT
from services.common.contracts.trainings.roster_errors import COHORT_NOT_ALLOWED_NOW
from services.common.errors import FieldError
from services.common.storage.deadlines import Deadline
from services.common.storage.idempotency import Request
from services.common.storage.mapping import mapping_of
from services.common.storage.mongo import Session
from services.trainings.app import App
from services.trainings.domain.certificates import Kind
from services.trainings.domain.cohorts import Cohort
from services.trainings.domain.issuing import OVER, IssueReport, enrolled_people
from services.trainings.operations.cohorts import cohort_to_run
from services.trainings.schemas.certificates import IssueCertificates
from services.trainings.steps.certificate_issue import (
    issue_earned,
    preview_issue,
    set_certificates_deadline,
)
from services.trainings.store.cohorts import turn_of_cohort


def preview_certificates(app: App, call: Call, command: IssueCertificates) -> IssueReport:
    """What :func:`issue_certificates` would do now, with nothing written.

    Raises:
        as :func:`issue_certificates`, but for the key.
    """

    def work(session: Session) -> IssueReport:
        cohort = _cohort_that_is_over(app, call, session, command.cohort_id)
        people = _people_of(cohort, command)
        named = command.participants is not None
        return preview_issue(app, session, cohort, people, command.kind, named=named)

    return app.database.transact(work)


def issue_certificates(app: App, call: Call, command: IssueCertificates) -> IssueReport:
    """Issue a certificate to all participants of a cohort who have earned one, or to the named.

    A person who has one keeps it: two requests, in turn or at once, make one certificate for a
    person and cohort. One that was revoked is replaced only for a named person.

    Returns:
        what became of each, in the order of their ids.

    Raises:
        errors.NotFound: if there is no such cohort, or it is a draft that the caller may not see.
        errors.Unauthenticated, errors.Forbidden: for anybody but staff of its centre.
        errors.Conflict: ``trainings.cohort_not_allowed_now``: its last session has not ended.
        errors.Invalid: ``trainings.without_seat``, naming each.
        errors.KeyReused: the key was used for another request.
    """
    # An earlier answer is for nobody else either.
    app.database.transact(lambda session: cohort_to_run(app, call, session, command.cohort_id))
    request = Request.of(call, "trainings.issue_certificates", asdict(command))

    def work(session: Session) -> IssueReport:
        cohort = _cohort_that_is_over(app, call, session, command.cohort_id)
        people = _people_of(cohort, command)
        named = command.participants is not None
        return issue_earned(app, call.caller, session, cohort, people, command.kind, named=named)

    return app.keys.once(
        request,
        work,
        save=REPORT.document_of,
        load=REPORT.aggregate_of,
        turn=turn_of_cohort(command.cohort_id),
    )


def run_certificates_deadline(app: App, deadline: Deadline) -> None:
    """Issue the certificates of a cohort that was over a day ago, and again each day while marks
    and tests may come.

    Raises:
        LeaseLost: if the deadline was moved or is another worker's by now; nothing has changed.
    """

    def work(session: Session) -> None:
        app.deadlines.finish(session, deadline)
        cohort = app.cohorts.look_up(deadline.subject, session)
        if cohort is not None and cohort.status in OVER:
            people = sorted(enrolled_people(cohort))
            issue_earned(app, SYSTEM, session, cohort, people, Kind.COMPLETION, named=False)
            set_certificates_deadline(app, session, cohort)

    app.database.transact(work, turn=turn_of_cohort(deadline.subject))


def _cohort_that_is_over(app: App, call: Call, session: Session, cohort_id: str) -> Cohort:
    cohort = cohort_to_run(app, call, session, cohort_id)
    if cohort.status not in OVER:
        raise COHORT_NOT_ALLOWED_NOW(state=cohort.status.value)
    return cohort


def _people_of(cohort: Cohort, command: IssueCertificates) -> Sequence[str]:
    """Raises:
    errors.Invalid: ``trainings.without_seat``, naming each.
    """
    enrolled = enrolled_people(cohort)
    if command.participants is None:
        return sorted(enrolled)
    faults = [
        FieldError(f"/participants/{number}", WITHOUT_SEAT.code)
        for number, each in enumerate(command.participants)
        if each not in enrolled
    ]
    if faults:
        raise WITHOUT_SEAT(errors=faults)
    return sorted(command.participants)


def _register_fractions(converter: Converter) -> None:
    converter.register_unstructure_hook(Fraction, str)
    converter.register_structure_hook(Fraction, lambda value, _: Fraction(value))


REPORT = mapping_of(IssueReport, hooks=_register_fractions)
"""How the answer to a request is kept, for one that is sent twice."""
