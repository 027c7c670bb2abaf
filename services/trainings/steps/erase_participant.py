"""Erasing a participant: the record remains as a number, and counts stay."""

from __future__ import annotations

from services.common.context import SYSTEM
from services.common.history.changes import subject_of
from services.common.storage.mongo import Session
from services.trainings.app import App
from services.trainings.domain.application_states import ApplicationAction, ApplicationStatus
from services.trainings.domain.departures import erase_person
from services.trainings.domain.roster import Reason
from services.trainings.steps.erase_certificates import erase_certificates
from services.trainings.steps.participant_events import save_participant
from services.trainings.steps.roster_changes import apply_roster_change
from services.trainings.steps.save_application import save_application


def erase_participant(app: App, session: Session, person_id: str) -> None:
    """Erase the details of a person, of the records that were merged into the person's too, and
    free the person's seats. Any number of times."""
    ids = [person_id, *sorted(app.participants.merged_into(person_id, session))]
    erase_certificates(app, session, ids)
    app.answer_requests.remove_of(session, ids)
    for each in ids:
        # One id for all answers of a record, so that the two tests of a person stay a pair.
        app.forms.erase_respondent(session, each, app.new_id())
        for cohort in app.cohorts.of_person(each, session):
            assert cohort.roster is not None, "the cohort was found by its roster"
            change = erase_person(cohort.roster, each, app.clock.now())
            apply_roster_change(app, SYSTEM, session, cohort, change)
        _erase_applications(app, session, each)
        before = app.participants.look_up(each, session)
        if before is None or before.erased:
            continue
        after = before.without_details()
        save_participant(app, SYSTEM, session, before, after, action="erase")
        app.history.erase(session, subject_of(after))


def _erase_applications(app: App, session: Session, person_id: str) -> None:
    """Those that are on no roster too; the others were erased with their place on it. What was
    written about the person goes with all of them."""
    for before in app.applications.of_participant(person_id, session):
        if before.status is not ApplicationStatus.ERASED:
            after = before.after(
                ApplicationAction.ERASE, app.clock.now(), reason=Reason.PERSON_ERASED.value
            )
            cohort = app.cohorts.get(before.cohort_id, session)
            save_application(app, SYSTEM, session, cohort, before, after)
    for each in app.applications.of_participant(person_id, session):
        app.reviews.erase_remarks(session, each.id)
        bare = each.without_details()
        if bare != each:
            app.applications.save(session, bare, each.version)
        # Also where nothing else is left: the reasons in it are free words about the person.
        app.history.erase(session, subject_of(bare))
