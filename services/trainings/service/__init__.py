"""Entrypoints of trainings: translate, call, return. No decisions here."""

from __future__ import annotations

from typing import Any

from services.common.contracts.personal_data import ExportPerson
from services.common.directory import MEMBERSHIP_EVENTS, ORGANISATION_EVENTS, PERSON_STATES
from services.common.events.envelope import CloudEvent
from services.common.messaging.rpc import AnswersPing, rpc
from services.common.messaging.subscriber import subscribe
from services.common.personal_data import ERASURE_EVENTS, ERASURE_STATES, in_wire_form
from services.common.rooms.requester import ANSWERS
from services.trainings.app import NAME
from services.trainings.operations import personal_data
from services.trainings.operations.assessment_events import ASSESSMENTS, apply_assessments
from services.trainings.operations.identity_events import apply_events
from services.trainings.operations.room_answers import apply_room_answer
from services.trainings.service.answers import AnswerMethods
from services.trainings.service.applications import ApplicationMethods
from services.trainings.service.assignments import AssignmentMethods
from services.trainings.service.attendance import AttendanceMethods
from services.trainings.service.calendars import CalendarMethods
from services.trainings.service.catalogue import CatalogueMethods
from services.trainings.service.certificates import CertificateMethods
from services.trainings.service.cohorts import CohortMethods
from services.trainings.service.form_links import FormLinkMethods
from services.trainings.service.forms import FormMethods
from services.trainings.service.imports import ImportMethods
from services.trainings.service.materials import MaterialMethods
from services.trainings.service.participants import ParticipantMethods
from services.trainings.service.selection import SelectionMethods
from services.trainings.service.statistics import StatisticsMethods
from services.trainings.service.tasks import TaskMethods
from services.trainings.service.timeline import TimelineMethods

EXPORT_PERSON = ExportPerson()
PATTERNS = (*ORGANISATION_EVENTS, *MEMBERSHIP_EVENTS, *ERASURE_EVENTS, *ASSESSMENTS)
STATES = (*PERSON_STATES, *ERASURE_STATES)
BATCH = 50


class TrainingsService(
    ApplicationMethods,
    AssignmentMethods,
    AttendanceMethods,
    CalendarMethods,
    CatalogueMethods,
    CertificateMethods,
    TaskMethods,
    CohortMethods,
    ImportMethods,
    MaterialMethods,
    ParticipantMethods,
    AnswerMethods,
    StatisticsMethods,
    TimelineMethods,
    FormMethods,
    FormLinkMethods,
    SelectionMethods,
    AnswersPing,
):
    """The nameko service of trainings: the RPC methods of each resource, and the subscribers.

    The contract of the methods is ``services.common.contracts.trainings``.
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
        apply_assessments(self.app, events)

    # On a queue of its own, and believed from bookings alone: an answer gives rooms and times.
    @subscribe(ANSWERS, consumer=f"{NAME}.rooms", signed=True)
    def on_room_answer(self, event: CloudEvent) -> None:
        apply_room_answer(self.app, event)


SERVICE = TrainingsService
