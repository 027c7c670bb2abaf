"""From when to when people have had seats in a cohort."""

from __future__ import annotations

from services.common.storage.mongo import Session
from services.trainings.app import App
from services.trainings.domain.application_states import ApplicationStatus
from services.trainings.domain.attendance import Enrolment
from services.trainings.domain.enrolments import StatusChange, enrolments_of
from services.trainings.domain.merging import join_periods


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
        own = app.applications.of_participant(person_id, session)
        applications = [each for each in own if each.cohort_id == cohort_id]
    people = {f"{each.kind}/{each.id}": each.participant_id for each in applications}
    histories = app.history.of_field(people, "status", session)
    found: dict[str, Enrolment] = {}
    # Of a person whose records were merged, the time in the seats of both counts.
    for subject, changes in histories.items():
        person = people[subject]
        steps = [
            StatusChange(each.at, ApplicationStatus(each.changes["status"][1])) for each in changes
        ]
        for enrolment in enrolments_of({person: steps}).values():
            before = found[person].periods if person in found else ()
            found[person] = Enrolment(person, join_periods((*before, *enrolment.periods)))
    return found
