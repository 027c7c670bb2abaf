"""The composition root: the one place that builds what the operations are given."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from services.common import config
from services.common.app import Infrastructure, infrastructure, with_indexes
from services.common.catalogue import Catalogue
from services.common.clock import Clock
from services.common.config import Settings
from services.common.contracts.consultations.case_errors import (
    ORGANISATION_NOT_APPROVED,
    UNKNOWN_ORGANISATION,
)
from services.common.directory.organisations import OrganisationChecks
from services.common.directory.store import Directory
from services.common.events.audience import SEALED
from services.common.events.event_log import EventLog
from services.common.events.outbox import Outbox
from services.common.events.processed_events import ProcessedEvents
from services.common.files.store import FileStore
from services.common.forms.store import FormStore
from services.common.history.store import HistoryStore
from services.common.ids import NewId, new_id, random_id
from services.common.links import Links, load_links
from services.common.rooms.requester import RoomRequests
from services.common.storage.mongo import Database, connect
from services.consultations.domain.case_numbers import NUMBERS, case_number
from services.consultations.settings import CaseKeySettings, load_case_key_settings
from services.consultations.store.access_log import AccessLog
from services.consultations.store.action_plans import ActionPlanStore, PlanEditionStore
from services.consultations.store.advisers import AbsenceStore, AdviserStore
from services.consultations.store.assessments import AssessmentStore
from services.consultations.store.attachments import AttachmentStore
from services.consultations.store.campaign_requests import CampaignRequestStore
from services.consultations.store.campaigns import CampaignResultStore, CampaignStore
from services.consultations.store.case_keys import CaseKeys
from services.consultations.store.cases import CaseStore
from services.consultations.store.centre_hours import CentreClosureStore, CentreHoursStore
from services.consultations.store.centres import CentreStore
from services.consultations.store.cohort_trainers import CohortTrainerStore
from services.consultations.store.consulting_hours import ConsultingHoursStore
from services.consultations.store.engagements import EngagementStore
from services.consultations.store.instruments import InstrumentStore
from services.consultations.store.kinds import KindStore
from services.consultations.store.meetings import AppointmentStore, TripStore, VisitStore
from services.consultations.store.milestones import MilestoneStore
from services.consultations.store.needs_found import NeedsFoundStore
from services.consultations.store.needs_studies import NeedsStudyStore
from services.consultations.store.news import NewsStore
from services.consultations.store.notes import NoteStore
from services.consultations.store.offers import OfferStore
from services.consultations.store.ratings import RatingStore
from services.consultations.store.recommendation_outcomes import RecommendationOutcomeStore
from services.consultations.store.recommendations import RecommendationStore
from services.consultations.store.recorded_facts import RecordedFacts
from services.consultations.store.referrals import ReferralStore
from services.consultations.store.report_rows import ReportRows
from services.consultations.store.statistics import FrozenPeriodStore
from services.consultations.store.tasks import TaskStore
from services.consultations.store.time_limits import TimeLimitStore
from services.consultations.store.trajectory_facts import ASIDE, TrajectoryFactStore
from services.consultations.store.working_documents import (
    CommentStore,
    DocumentEditionStore,
    TemplateStore,
    WorkingDocumentStore,
)

NAME = "consultations"
DISCREET = True
"""Its logs say nothing of the values that it works with, and its parked calls neither."""
LOCALE_FOLDER = Path(__file__).with_name("locale")


@dataclass(frozen=True, slots=True)
class App(Infrastructure):
    """Everything an operation may use.

    Attributes:
        loop_inbox: notes of the events that trajectories and recommendations are made of: others
            take some of the same events.
        new_number: makes a number of a case that nobody can foresee.
        random_id: makes an id that says nothing, not even when it was made.
        news_outbox, news_log: of the news that only its recipient may know of.
    """

    assessments: AssessmentStore
    absences: AbsenceStore
    advisers: AdviserStore
    appointments: AppointmentStore
    campaign_results: CampaignResultStore
    campaigns: CampaignStore
    access_log: AccessLog
    attachments: AttachmentStore
    case_keys: CaseKeys
    cases: CaseStore
    centre_closures: CentreClosureStore
    centre_hours: CentreHoursStore
    centres: CentreStore
    consulting_hours: ConsultingHoursStore
    cohort_trainers: CohortTrainerStore
    directory: Directory
    engagements: EngagementStore
    files: FileStore
    forms: FormStore
    frozen_periods: FrozenPeriodStore
    history: HistoryStore
    instruments: InstrumentStore
    kinds: KindStore
    links: Links
    loop_inbox: ProcessedEvents
    needs_found: NeedsFoundStore
    needs_studies: NeedsStudyStore
    new_number: Callable[[], str]
    news: NewsStore
    news_log: EventLog
    news_outbox: Outbox
    notes: NoteStore
    campaign_requests: CampaignRequestStore
    offers: OfferStore
    organisations: OrganisationChecks
    rebuilt_facts: TrajectoryFactStore
    recommendation_outcomes: RecommendationOutcomeStore
    recommendations: RecommendationStore
    ratings: RatingStore
    referrals: ReferralStore
    recorded_facts: RecordedFacts
    report_rows: ReportRows
    random_id: NewId
    tasks: TaskStore
    working_documents: WorkingDocumentStore
    plan_editions: PlanEditionStore
    milestones: MilestoneStore
    document_templates: TemplateStore
    document_editions: DocumentEditionStore
    document_comments: CommentStore
    action_plans: ActionPlanStore
    time_limits: TimeLimitStore
    trajectory_facts: TrajectoryFactStore
    rooms: RoomRequests
    texts: Catalogue
    trips: TripStore
    visits: VisitStore

    def close(self) -> None:
        self.case_keys.close()
        self.database.close()


def check_settings() -> None:
    """Raises:
    config.WrongSetting: for what this branch cannot work with.
    """
    load_case_key_settings(config.load())
    load_links()


def new_number() -> str:
    """A number of a case that nobody can foresee."""
    return case_number(secrets.randbelow(NUMBERS))


def build(
    settings: Settings,
    *,
    clock: Clock | None = None,
    new_id: NewId = new_id,
    links: Links | None = None,
    case_keys: CaseKeySettings | None = None,
) -> App:
    """Build the app and make sure of its indexes.

    Args:
        links: makes the tokens of links; with the secret of the environment by default.
        case_keys: where the keys of cases are; as the environment says by default.

    Raises:
        errors.Unavailable: if the database is not there yet; the runtime tries again.
    """
    database = connect(settings, NAME)
    directory = Directory(database)
    parts = infrastructure(database, NAME, clock, new_id)
    clock = parts["clock"]
    where = case_keys or load_case_key_settings(settings)
    keys = CaseKeys(Database(where.mongo_uri, where.database))
    app = App(
        **parts,
        assessments=AssessmentStore(database),
        absences=AbsenceStore(database),
        advisers=AdviserStore(database),
        appointments=AppointmentStore(database, keys),
        campaign_results=CampaignResultStore(database),
        campaigns=CampaignStore(database),
        centre_closures=CentreClosureStore(database),
        centre_hours=CentreHoursStore(database),
        access_log=AccessLog(database),
        attachments=AttachmentStore(database, keys),
        case_keys=keys,
        cases=CaseStore(database, keys),
        centres=CentreStore(database),
        consulting_hours=ConsultingHoursStore(database),
        cohort_trainers=CohortTrainerStore(database),
        directory=directory,
        engagements=EngagementStore(database),
        files=FileStore(database, clock, new_id, keys.of_owner),
        forms=FormStore(database),
        frozen_periods=FrozenPeriodStore(database),
        history=HistoryStore(database, keys.of_subject),
        instruments=InstrumentStore(database),
        kinds=KindStore(database),
        links=links or load_links(),
        loop_inbox=ProcessedEvents(database, f"{NAME}.loop", parts["clock"]),
        needs_found=NeedsFoundStore(database),
        needs_studies=NeedsStudyStore(database),
        new_number=new_number,
        news=NewsStore(database),
        news_log=EventLog(database, SEALED),
        news_outbox=Outbox(database, clock, new_id, SEALED),
        notes=NoteStore(database, keys),
        campaign_requests=CampaignRequestStore(database),
        offers=OfferStore(database),
        organisations=OrganisationChecks(
            directory, unknown=UNKNOWN_ORGANISATION, not_approved=ORGANISATION_NOT_APPROVED
        ),
        rebuilt_facts=TrajectoryFactStore(database, ASIDE),
        recommendation_outcomes=RecommendationOutcomeStore(database),
        recommendations=RecommendationStore(database),
        ratings=RatingStore(database, keys),
        referrals=ReferralStore(database, keys),
        recorded_facts=RecordedFacts(database),
        report_rows=ReportRows(database),
        random_id=random_id,
        tasks=TaskStore(database),
        working_documents=WorkingDocumentStore(database),
        plan_editions=PlanEditionStore(database, keys),
        milestones=MilestoneStore(database, keys),
        document_templates=TemplateStore(database),
        document_editions=DocumentEditionStore(database),
        document_comments=CommentStore(database),
        action_plans=ActionPlanStore(database, keys),
        time_limits=TimeLimitStore(database),
        trajectory_facts=TrajectoryFactStore(database),
        rooms=RoomRequests(
            NAME,
            database,
            parts["outbox"],
            parts["deadlines"],
            parts["clock"],
            parts["new_id"],
        ),
        texts=Catalogue(LOCALE_FOLDER),
        trips=TripStore(database),
        visits=VisitStore(database, keys),
    )
    return with_indexes(app)
