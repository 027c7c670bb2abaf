"""Issuing certificates inside a use case's transaction."""

from __future__ import annotations

from collections.abc import Sequence

from services.common.context import Caller
from services.common.storage.mongo import AlreadyThere, RetryTransaction, Session
from services.trainings.app import App
from services.trainings.domain.certificates import Certificate, Kind
from services.trainings.domain.cohorts import Cohort
from services.trainings.domain.issuing import issue_certificate
from services.trainings.steps.certificate_events import record_issued


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
    for certificate in certificates:
        record_issued(app, caller, session, certificate)
    return certificates
