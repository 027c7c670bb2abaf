"""The seed files bring a cohort that is over: its attendance and certificates are to come."""

from __future__ import annotations

from services.common.config import Settings
from services.common.history.changes import subject_of
from services.trainings.app import App
from services.trainings.commands import audit
from services.trainings.domain.audit import audit_roster
from services.trainings.domain.cohort_states import CohortStatus
from services.trainings.domain.roster import Closed
from services.trainings.seeding import seed
from tests.support.mongo import PREFIX
from tests.support.stack import Server

COHORT = "report-writing-before"


def test_a_past_cohort_is_there_once_with_its_people_and_nobody_hears_of_it(
    app: App, database: Server
) -> None:
    settings = Settings("amqp://unused", database.uri, database_prefix=PREFIX)
    for _ in range(2):
        seed(settings, "deploy/seed")
    cohort = app.cohorts.get(COHORT)
    assert cohort.status is CohortStatus.COMPLETED
    assert cohort.roster is not None
    assert cohort.roster.closed is Closed.COHORT_STARTED
    assert audit_roster(cohort.roster) == ()
    assert {each.person_id for each in cohort.roster.entries} == {"member", "member-english"}
    applications = app.applications.of_cohort(COHORT)
    assert [each.status.value for each in applications] == ["enrolled", "enrolled"]
    # Attendance asks the history since when a person has had a seat: before the first session.
    for each in applications:
        [change] = app.history.of(subject_of(each), after=None, limit=9)
        assert change.changes["status"][1] == "enrolled"
        assert change.at < cohort.sessions[0].starts_at
    assert app.database.collection("outbox").count_documents({}) == 0
    assert audit(settings) == []
