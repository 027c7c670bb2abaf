"""Entrypoints of consultations: translate, call, return. No decisions here."""

from __future__ import annotations

from typing import Any

from services.common.contracts.personal_data import ExportPerson
from services.common.directory import MEMBERSHIP_EVENTS, ORGANISATION_EVENTS, PERSON_STATES
from services.common.events.envelope import CloudEvent
from services.common.messaging.rpc import AnswersPing, rpc
from services.common.messaging.subscriber import subscribe
from services.common.personal_data import ERASURE_EVENTS, ERASURE_STATES, in_wire_form
from services.common.rooms.requester import ANSWERS
from services.consultations.app import NAME
from services.consultations.operations import personal_data
from services.consultations.operations.bookings_events import HOURS_EVENTS, apply_hours_events
from services.consultations.operations.identity_events import apply_events
from services.consultations.operations.loop_events import LOOP_EVENTS, apply_loop_events
from services.consultations.operations.offers import (
    COMPLETIONS,
    TRAINER_EVENTS,
    apply_training_events,
)
from services.consultations.operations.room_answers import apply_room_answer
from services.consultations.service.absences import AbsenceMethods
from services.consultations.service.action_plans import ActionPlanMethods
from services.consultations.service.advisers import AdviserMethods
from services.consultations.service.appointments import AppointmentMethods
from services.consultations.service.assessments import AssessmentMethods
from services.consultations.service.assigning import AssigningMethods
from services.consultations.service.attachments import AttachmentMethods
from services.consultations.service.campaigns import CampaignMethods
from services.consultations.service.case_contacts import CaseContactMethods
from services.consultations.service.case_steps import CaseStepMethods
from services.consultations.service.cases import CaseMethods
from services.consultations.service.consulting_hours import ConsultingHoursMethods
from services.consultations.service.instruments import InstrumentMethods
from services.consultations.service.kinds import KindMethods
from services.consultations.service.milestones import MilestoneMethods
from services.consultations.service.needs_studies import NeedsStudyMethods
from services.consultations.service.news import NewsMethods
from services.consultations.service.notes import NoteMethods
from services.consultations.service.offers import OfferMethods
from services.consultations.service.ratings import RatingMethods
from services.consultations.service.recommendations import RecommendationMethods
from services.consultations.service.referrals import ReferralMethods
from services.consultations.service.sealing import SealingMethods
from services.consultations.service.statistics import StatisticsMethods
from services.consultations.service.tasks import TaskMethods
from services.consultations.service.time_limits import TimeLimitMethods
from services.consultations.service.trajectory import TrajectoryMethods
from services.consultations.service.trips import TripMethods
from services.consultations.service.visits import VisitMethods
from services.consultations.service.working_documents import WorkingDocumentMethods

EXPORT_PERSON = ExportPerson()
PATTERNS = (*ORGANISATION_EVENTS, *MEMBERSHIP_EVENTS, *ERASURE_EVENTS, *HOURS_EVENTS)
STATES = (*PERSON_STATES, *ERASURE_STATES)
TRAINING_EVENTS = (*TRAINER_EVENTS, *COMPLETIONS)
BATCH = 50


class ConsultationsService(
    WorkingDocumentMethods,
    MilestoneMethods,
    ActionPlanMethods,
    AssessmentMethods,
    AbsenceMethods,
    AdviserMethods,
    AppointmentMethods,
    CampaignMethods,
    AttachmentMethods,
    CaseContactMethods,
    AssigningMethods,
    CaseMethods,
    CaseStepMethods,
    InstrumentMethods,
    KindMethods,
    RecommendationMethods,
    RatingMethods,
    ReferralMethods,
    StatisticsMethods,
    NeedsStudyMethods,
    NewsMethods,
    NoteMethods,
    SealingMethods,
    OfferMethods,
    TaskMethods,
    TimeLimitMethods,
    TrajectoryMethods,
    ConsultingHoursMethods,
    TripMethods,
    VisitMethods,
    AnswersPing,
):
    """The nameko service of consultations: the RPC methods of each resource, and the subscribers.

    The contract of the methods is ``services.common.contracts.consultations``.
    """

    name = NAME

    @rpc
    def export_person(self, request: dict[str, Any]) -> dict[str, Any]:
        query = EXPORT_PERSON.load(request)
        return in_wire_form(
            personal_data.export(self.app, self.call, query["person_id"], query["email"])
        )

    @subscribe(PATTERNS, consumer=NAME, states=STATES, batch=BATCH)
    def on_events(self, events: list[CloudEvent]) -> None:
        apply_events(self.app, events)
        apply_hours_events(self.app, events)

    # On a queue of its own: other parts take some of the same events.
    @subscribe(LOOP_EVENTS, consumer=f"{NAME}.loop", batch=BATCH)
    def on_loop_events(self, events: list[CloudEvent]) -> None:
        apply_loop_events(self.app, events)

    # On a queue of its own, and believed from bookings alone: an answer gives rooms and times.
    @subscribe(ANSWERS, consumer=f"{NAME}.rooms", signed=True)
    def on_room_answer(self, event: CloudEvent) -> None:
        apply_room_answer(self.app, event)

    # On a queue of its own, too.
    @subscribe(TRAINING_EVENTS, consumer=f"{NAME}.offers", batch=BATCH)
    def on_training_events(self, events: list[CloudEvent]) -> None:
        apply_training_events(self.app, events)


SERVICE = ConsultationsService
