"""From when to when people have had seats in a cohort."""

from __future__ import annotations

from services.common.storage.mongo import Session
from services.trainings.app import App
from services.trainings.domain.application_states import ApplicationStatus
from services.trainings.domain.attendance import Enrolment
from services.trainings.domain.enrolments import StatusChange, enrolments_of


def enrolments_in(
    app: App, cohort_id: str, session: Session | None = None, *, person_id: str | None = None
) -> dict[str, Enrolment]:
    """The seats of people in a cohort, by the person's id; also of those who have left it.

    The histories of the applications say it: an application knows its own state alone.

    Args:
        person_id: of this person alone.
    """
    if person_id is None:
        applications = app.applications.of_cohort(cohort_id, session=session)
    else:
        one = app.applications.of_person(cohort_id, person_id, session)
        applications = [] if one is None else [one]
    people = {
        f"{each.kind}/{each.id}": each.participant_id
        for each in applications
        if each.merged_into is None
    }
    histories = app.history.of_field(people, "status", session)
    return enrolments_of(
        {
            people[subject]: [
                StatusChange(each.at, ApplicationStatus(each.changes["status"][1]))
                for each in changes
            ]
            for subject, changes in histories.items()
        }
    )
