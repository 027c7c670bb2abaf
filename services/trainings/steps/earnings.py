"""Whether participants of a cohort have earned a certificate, by what is stored of them."""

from __future__ import annotations

from collections.abc import Collection

from services.common.storage.mongo import Session
from services.trainings.app import App
from services.trainings.domain.answering import Occasion
from services.trainings.domain.attendance import Attendance, attendance_of
from services.trainings.domain.certificates import Kind
from services.trainings.domain.cohorts import Cohort
from services.trainings.domain.earning import Earning
from services.trainings.domain.issuing import earned
from services.trainings.steps.enrolments import enrolments_in
from services.trainings.steps.known_attendance import attendance_in
from services.trainings.steps.marks import sessions_of
from services.trainings.steps.test_scores import scores_of


def earnings_in(
    app: App, session: Session, cohort: Cohort, people: Collection[str], kind: Kind
) -> dict[str, Earning]:
    """What the rule of the cohort says of each of these people, by id.

    Args:
        people: with a seat in the cohort.
    """
    sessions = sessions_of(cohort).values()
    enrolments = enrolments_in(app, cohort.id, session)
    entries = attendance_in(app, cohort.id, session).entries
    scores = scores_of(app, cohort, Occasion.POST_TEST, session)
    found = {}
    for person_id in people:
        enrolment = enrolments.get(person_id)
        attendance = (
            Attendance() if enrolment is None else attendance_of(enrolment, sessions, entries)
        )
        post = scores.by_person.get(person_id)
        found[person_id] = earned(kind, cohort.earning, attendance, post)
    return found
