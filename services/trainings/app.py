"""The composition root: the one place that builds what the operations are given."""

from __future__ import annotations

from dataclasses import dataclass

from services.common import config
from services.common.app import Infrastructure, infrastructure, with_indexes
from services.common.clock import Clock
from services.common.config import Settings
from services.common.contracts.trainings.application_errors import (
    ORGANISATION_NOT_APPROVED,
    UNKNOWN_ORGANISATION,
)
from services.common.directory.organisations import OrganisationChecks
from services.common.directory.store import Directory
from services.common.history.store import HistoryStore
from services.common.ids import NewId, new_id
from services.common.storage.mongo import connect
from services.trainings.store.applications import ApplicationStore
from services.trainings.store.assignments import AssignmentStore
from services.trainings.store.catalogue import CourseStore, TopicStore
from services.trainings.store.centres import CentreStore
from services.trainings.store.cohorts import CohortStore
from services.trainings.store.participants import DifferentPeopleStore, ParticipantStore
from services.trainings.store.recorded_facts import RecordedFacts

NAME = "trainings"


@dataclass(frozen=True, slots=True)
class App(Infrastructure):
    """Everything an operation may use."""

    centres: CentreStore
    topics: TopicStore
    courses: CourseStore
    cohorts: CohortStore
    participants: ParticipantStore
    applications: ApplicationStore
    assignments: AssignmentStore
    different_people: DifferentPeopleStore
    history: HistoryStore
    recorded_facts: RecordedFacts
    directory: Directory
    organisations: OrganisationChecks


def check_settings() -> None:
    """Raises:
    config.WrongSetting: for what this branch cannot work with.
    """
    config.load()


def build(settings: Settings, *, clock: Clock | None = None, new_id: NewId = new_id) -> App:
    """Build the app and make sure of its indexes.

    Raises:
        errors.Unavailable: if the database is not there yet; the runtime tries again.
    """
    database = connect(settings, NAME)
    directory = Directory(database)
    app = App(
        **infrastructure(database, NAME, clock, new_id),
        centres=CentreStore(database),
        topics=TopicStore(database),
        courses=CourseStore(database),
        cohorts=CohortStore(database),
        participants=ParticipantStore(database),
        applications=ApplicationStore(database),
        assignments=AssignmentStore(database),
        different_people=DifferentPeopleStore(database),
        history=HistoryStore(database),
        recorded_facts=RecordedFacts(database),
        directory=directory,
        organisations=OrganisationChecks(
            directory, unknown=UNKNOWN_ORGANISATION, not_approved=ORGANISATION_NOT_APPROVED
        ),
    )
    return with_indexes(app)
