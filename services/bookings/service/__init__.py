"""Entrypoints of bookings: translate, call, return. No decisions here."""

from __future__ import annotations

from typing import Any

from services.bookings.app import NAME
from services.bookings.operations import personal_data
from services.bookings.operations.identity_events import apply_events
from services.bookings.operations.room_requests import receive
from services.bookings.schemas.room_requests import ROOM_PATTERNS, room_message
from services.bookings.service.bookings import BookingMethods
from services.bookings.service.budgets import BudgetMethods
from services.bookings.service.calendars import CalendarMethods
from services.bookings.service.centres import CentreMethods
from services.bookings.service.closures import ClosureMethods
from services.bookings.service.equipment import EquipmentMethods
from services.bookings.service.invitations import InvitationMethods
from services.bookings.service.series import SeriesMethods
from services.bookings.service.spaces import SpaceMethods
from services.bookings.service.waitlist import WaitlistMethods
from services.common.contracts.personal_data import ExportPerson
from services.common.directory import ORGANISATION_EVENTS
from services.common.events.envelope import CloudEvent
from services.common.messaging.rpc import AnswersPing, rpc
from services.common.messaging.subscriber import subscribe
from services.common.personal_data import ERASURE_EVENTS, ERASURE_STATES, in_wire_form

EXPORT_PERSON = ExportPerson()
PATTERNS = (*ORGANISATION_EVENTS, *ERASURE_EVENTS)
BATCH = 50


class BookingsService(
    BookingMethods,
    CentreMethods,
    SpaceMethods,
    EquipmentMethods,
    ClosureMethods,
    BudgetMethods,
    InvitationMethods,
    CalendarMethods,
    SeriesMethods,
    WaitlistMethods,
    AnswersPing,
):
    """The nameko service of bookings: the RPC methods of each resource, and the subscribers.

    The contract of the methods is ``services.common.contracts.bookings``.
    """

    name = NAME

    @rpc
    def export_person(self, request: dict[str, Any]) -> dict[str, Any]:
        query = EXPORT_PERSON.load(request)
        return in_wire_form(
            personal_data.export(self.app, self.call, query["person_id"], query["email"])
        )

    @subscribe(PATTERNS, consumer=NAME, states=ERASURE_STATES, batch=BATCH)
    def on_events(self, events: list[CloudEvent]) -> None:
        apply_events(self.app, events)

    @subscribe(ROOM_PATTERNS, consumer=f"{NAME}.rooms", signed=True)
    def on_room_request(self, event: CloudEvent) -> None:
        receive(self.app, self.call, room_message(event))


SERVICE = BookingsService
