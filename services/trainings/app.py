"""The composition root: the one place that builds what the operations are given."""

from __future__ import annotations

import secrets
from collections.abc import Callable
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
from services.common.files.store import FileStore
from services.common.forms.store import FormStore
from services.common.history.store import HistoryStore
from services.common.ids import NewId, new_id
from services.common.links import Links, load_links
from services.common.rooms.requester import RoomRequests
from services.common.signing_keys import ED25519, SigningKeys
from services.common.storage.mongo import connect
from services.trainings.domain.certificate_codes import CODES, code_of
from services.trainings.settings import CertificateSettings, load_certificate_settings
from services.trainings.store.answers import AnswerRequestStore, TestKeyStore
from services.trainings.store.applications import ApplicationStore
from services.trainings.store.assessments import AssessmentStore
from services.trainings.store.assignments import AssignmentStore
from services.trainings.store.attendance import MarkStore, SettlementStore
from services.trainings.store.catalogue import CourseStore, TopicStore
from services.trainings.store.centres import CentreStore
from services.trainings.store.certificates import CertificateDocumentStore, CertificateStore
from services.trainings.store.cohorts import CohortStore
from services.trainings.store.imports import ImportStore
from services.trainings.store.materials import MaterialStore
from services.trainings.store.participants import DifferentPeopleStore, ParticipantStore
from services.trainings.store.recorded_facts import RecordedFacts
from services.trainings.store.reviews import ReviewStore
from services.trainings.store.statistics import FrozenPeriodStore
from services.trainings.store.tasks import TaskStore

NAME = "trainings"


@dataclass(frozen=True, slots=True)
class App(Infrastructure):
    """Everything an operation may use.

    Attributes:
        certificate_keys: sign what certificates say.
        public_url: where people reach the gateway.
        new_code: makes a code of a certificate that nobody can foresee.
    """

    centres: CentreStore
    topics: TopicStore
    courses: CourseStore
    cohorts: CohortStore
    participants: ParticipantStore
    applications: ApplicationStore
    assignments: AssignmentStore
    different_people: DifferentPeopleStore
    marks: MarkStore
    settlements: SettlementStore
    materials: MaterialStore
    imports: ImportStore
    certificates: CertificateStore
    certificate_documents: CertificateDocumentStore
    certificate_keys: SigningKeys
    public_url: str
    new_code: Callable[[], str]
    files: FileStore
    test_keys: TestKeyStore
    assessments: AssessmentStore
    answer_requests: AnswerRequestStore
    frozen_periods: FrozenPeriodStore
    forms: FormStore
    reviews: ReviewStore
    links: Links
    rooms: RoomRequests
    tasks: TaskStore
    history: HistoryStore
    recorded_facts: RecordedFacts
    directory: Directory
    organisations: OrganisationChecks


def check_settings() -> None:
    """Raises:
    config.WrongSetting: for what this branch cannot work with.
    """
    config.load()
    load_certificate_settings()
    load_links()


def new_code() -> str:
    """A code of a certificate that nobody can foresee."""
    return code_of(secrets.randbelow(CODES))


def build(
    settings: Settings,
    *,
    clock: Clock | None = None,
    new_id: NewId = new_id,
    certificates: CertificateSettings | None = None,
    links: Links | None = None,
) -> App:
    """Build the app and make sure of its indexes.

    Args:
        certificates: those of the environment where none are handed in.
        links: makes the tokens of links; with the secret of the environment by default.

    Raises:
        errors.Unavailable: if the database is not there yet; the runtime tries again.
    """
    database = connect(settings, NAME)
    directory = Directory(database)
    parts = infrastructure(database, NAME, clock, new_id)
    certificates = certificates or load_certificate_settings()
    app = App(
        **parts,
        centres=CentreStore(database),
        topics=TopicStore(database),
        courses=CourseStore(database),
        cohorts=CohortStore(database),
        participants=ParticipantStore(database),
        applications=ApplicationStore(database),
        assignments=AssignmentStore(database),
        different_people=DifferentPeopleStore(database),
        certificates=CertificateStore(database),
        certificate_documents=CertificateDocumentStore(database),
        certificate_keys=SigningKeys(certificates.certificate_keys_dir, ED25519),
        public_url=certificates.public_url,
        new_code=new_code,
        marks=MarkStore(database),
        settlements=SettlementStore(database),
        materials=MaterialStore(database),
        imports=ImportStore(database),
        files=FileStore(database, parts["clock"], new_id),
        test_keys=TestKeyStore(database),
        assessments=AssessmentStore(database),
        answer_requests=AnswerRequestStore(database),
        frozen_periods=FrozenPeriodStore(database),
        links=links or load_links(),
        forms=FormStore(database),
        reviews=ReviewStore(database),
        rooms=RoomRequests(
            NAME,
            database,
            parts["outbox"],
            parts["deadlines"],
            parts["clock"],
            parts["new_id"],
        ),
        tasks=TaskStore(database),
        history=HistoryStore(database),
        recorded_facts=RecordedFacts(database),
        directory=directory,
        organisations=OrganisationChecks(
            directory, unknown=UNKNOWN_ORGANISATION, not_approved=ORGANISATION_NOT_APPROVED
        ),
    )
    return with_indexes(app)
