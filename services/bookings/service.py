"""Entrypoints of bookings: translate, call, return. No decisions here."""

from __future__ import annotations

from typing import Any

from services.bookings.app import NAME, build
from services.bookings.operations import (
    approval,
    availability,
    bookings,
    budgets,
    calendars,
    centres,
    check_in,
    closures,
    day_sheet,
    ending,
    equipment,
    hours,
    invitations,
    outside_hours,
    personal_data,
    series,
    series_changes,
    spaces,
    statistics,
    waitlist,
)
from services.bookings.operations.organisation_events import apply_events
from services.bookings.operations.room_requests import receive
from services.bookings.schemas import approval as approval_schemas
from services.bookings.schemas import availability as availability_schemas
from services.bookings.schemas import bookings as booking_schemas
from services.bookings.schemas import budgets as budget_schemas
from services.bookings.schemas import calendars as calendar_schemas
from services.bookings.schemas import centres as centre_schemas
from services.bookings.schemas import check_in as check_in_schemas
from services.bookings.schemas import closures as closure_schemas
from services.bookings.schemas import day_sheet as day_sheet_schemas
from services.bookings.schemas import equipment as equipment_schemas
from services.bookings.schemas import history as history_schemas
from services.bookings.schemas import hours as hours_schemas
from services.bookings.schemas import id_of
from services.bookings.schemas import invitations as invitation_schemas
from services.bookings.schemas import outside_hours as outside_schemas
from services.bookings.schemas import series as series_schemas
from services.bookings.schemas import spaces as space_schemas
from services.bookings.schemas import statistics as statistics_schemas
from services.bookings.schemas import waitlist as waitlist_schemas
from services.bookings.schemas.room_requests import ROOM_PATTERNS, room_message
from services.common.contracts.personal_data import ExportPerson
from services.common.events.envelope import CloudEvent
from services.common.messaging import AppProvider, CallProvider, subscribe
from services.common.messaging.rpc import AnswersPing, rpc
from services.common.personal_data import ERASURE_EVENTS, ERASURE_STATES, in_wire_form

EXPORT_PERSON = ExportPerson()
PATTERNS = ("gateway.organisation.*", *ERASURE_EVENTS)
BATCH = 50


class BookingsService(AnswersPing):
    """RPC of the bookings branch; the contract is ``services.common.contracts.bookings.rpc``. And
    the subscriber by which it knows organisations."""

    name = NAME
    app = AppProvider(build)
    call = CallProvider()

    @rpc
    def list_centres(self, request: dict[str, Any]) -> dict[str, Any]:
        return {
            "items": [centre_schemas.centre(each) for each in centres.find(self.app)],
            "next": None,
        }

    @rpc
    def get_centre(self, request: dict[str, Any]) -> dict[str, Any]:
        return centre_schemas.centre(centres.get(self.app, id_of(request)))

    @rpc
    def set_hours(self, request: dict[str, Any]) -> dict[str, Any]:
        command = hours_schemas.set_hours(request)
        centre = hours.set_hours(self.app, self.call, command)
        found = outside_hours.of_centre(self.app, centre)
        return outside_schemas.changed_centre(centre, found, command.dry_run)

    @rpc
    def list_outside_hours(self, request: dict[str, Any]) -> dict[str, Any]:
        query = outside_schemas.list_outside(request)
        found = outside_hours.find(self.app, self.call, query)
        return outside_schemas.outside_page(found, query.limit)

    @rpc
    def resolve_outside_hours(self, request: dict[str, Any]) -> dict[str, Any]:
        command = outside_schemas.resolve_outside(request)
        return outside_schemas.resolution(*outside_hours.resolve(self.app, self.call, command))

    @rpc
    def list_spaces(self, request: dict[str, Any]) -> dict[str, Any]:
        query = centre_schemas.list_spaces(request)
        return centre_schemas.space_page(centres.find_spaces(self.app, query), query.limit)

    @rpc
    def get_space(self, request: dict[str, Any]) -> dict[str, Any]:
        return centre_schemas.space(centres.get_space(self.app, id_of(request)))

    @rpc
    def add_space(self, request: dict[str, Any]) -> dict[str, Any]:
        command = space_schemas.add_space(request)
        return centre_schemas.space(spaces.add(self.app, self.call, command))

    @rpc
    def change_space(self, request: dict[str, Any]) -> dict[str, Any]:
        command = space_schemas.change_space(request)
        return space_schemas.changed_space(*spaces.change(self.app, self.call, command))

    @rpc
    def space_history(self, request: dict[str, Any]) -> dict[str, Any]:
        query = history_schemas.list_history(request)
        found = spaces.history(self.app, self.call, query)
        return history_schemas.history_page(found, query.limit)

    @rpc
    def list_equipment(self, request: dict[str, Any]) -> dict[str, Any]:
        query = equipment_schemas.list_equipment(request)
        return equipment_schemas.equipment_page(equipment.find(self.app, query), query.limit)

    @rpc
    def get_equipment(self, request: dict[str, Any]) -> dict[str, Any]:
        return equipment_schemas.equipment(equipment.get(self.app, id_of(request)))

    @rpc
    def add_equipment(self, request: dict[str, Any]) -> dict[str, Any]:
        command = equipment_schemas.add_equipment(request)
        return equipment_schemas.equipment(equipment.add(self.app, self.call, command))

    @rpc
    def change_equipment(self, request: dict[str, Any]) -> dict[str, Any]:
        command = equipment_schemas.change_equipment(request)
        return equipment_schemas.equipment(equipment.change(self.app, self.call, command))

    @rpc
    def equipment_history(self, request: dict[str, Any]) -> dict[str, Any]:
        query = history_schemas.list_history(request)
        found = equipment.history(self.app, self.call, query)
        return history_schemas.history_page(found, query.limit)

    @rpc
    def set_space_hours(self, request: dict[str, Any]) -> dict[str, Any]:
        command = hours_schemas.set_space_hours(request)
        space = hours.set_space_hours(self.app, self.call, command)
        found = outside_hours.of_space(self.app, space)
        return outside_schemas.changed_space(space, found, command.dry_run)

    @rpc
    def preview_closure(self, request: dict[str, Any]) -> dict[str, Any]:
        return closures.preview(self.app, self.call, closure_schemas.plan_closure(request))

    @rpc
    def create_closure(self, request: dict[str, Any]) -> dict[str, Any]:
        return closures.close(self.app, self.call, closure_schemas.plan_closure(request))

    @rpc
    def list_closures(self, request: dict[str, Any]) -> dict[str, Any]:
        query = closure_schemas.list_closures(request)
        return closure_schemas.closure_page(closures.find(self.app, self.call, query), query.limit)

    @rpc
    def get_closure(self, request: dict[str, Any]) -> dict[str, Any]:
        return closures.get(self.app, self.call, id_of(request))

    @rpc
    def resolve_closure(self, request: dict[str, Any]) -> dict[str, Any]:
        return closures.resolve(self.app, self.call, closure_schemas.resolve_closure(request))

    @rpc
    def change_closure(self, request: dict[str, Any]) -> dict[str, Any]:
        return closures.change(self.app, self.call, closure_schemas.change_closure(request))

    @rpc
    def lift_closure(self, request: dict[str, Any]) -> dict[str, Any]:
        return closures.lift(self.app, self.call, closure_schemas.lift_closure(request))

    @rpc
    def day_sheet(self, request: dict[str, Any]) -> dict[str, Any]:
        query = day_sheet_schemas.get_day_sheet(request)
        return day_sheet_schemas.day_sheet(day_sheet.get(self.app, self.call, query))

    @rpc
    def day_sheets(self, request: dict[str, Any]) -> dict[str, Any]:
        query = day_sheet_schemas.get_day_sheets(request)
        sheets = day_sheet.get_several(self.app, self.call, query)
        return {"items": [day_sheet_schemas.day_sheet(each) for each in sheets]}

    @rpc
    def find_availability(self, request: dict[str, Any]) -> dict[str, Any]:
        query = availability_schemas.find_availability(request)
        return availability_schemas.availability(availability.find(self.app, query))

    @rpc
    def create_booking(self, request: dict[str, Any]) -> dict[str, Any]:
        command = booking_schemas.create_booking(request)
        booking = bookings.create(self.app, self.call, command)
        return booking_schemas.booking(booking, self.call.caller)

    @rpc
    def get_booking(self, request: dict[str, Any]) -> dict[str, Any]:
        query = booking_schemas.get_booking(request)
        booking = bookings.get(self.app, self.call, query.booking_id)
        names = centres.read_place_names(self.app) if query.names else None
        return booking_schemas.booking(booking, self.call.caller, names)

    @rpc
    def list_bookings(self, request: dict[str, Any]) -> dict[str, Any]:
        query = booking_schemas.list_bookings(request)
        found = bookings.find(self.app, self.call, query)
        names = centres.read_place_names(self.app) if query.names else None
        return booking_schemas.booking_page(found, query.limit, self.call.caller, names)

    @rpc
    def change_booking(self, request: dict[str, Any]) -> dict[str, Any]:
        command = booking_schemas.change_booking(request)
        booking = bookings.change(self.app, self.call, command)
        return booking_schemas.booking(booking, self.call.caller)

    @rpc
    def cancel_booking(self, request: dict[str, Any]) -> dict[str, Any]:
        command = booking_schemas.cancel_booking(request)
        booking = bookings.cancel(self.app, self.call, command)
        return booking_schemas.booking(booking, self.call.caller)

    @rpc
    def booking_history(self, request: dict[str, Any]) -> dict[str, Any]:
        return history_schemas.history(bookings.history(self.app, self.call, id_of(request)))

    @rpc
    def set_space_approval(self, request: dict[str, Any]) -> dict[str, Any]:
        command = approval_schemas.set_space_approval(request)
        return centre_schemas.space(approval.set_for_space(self.app, self.call, command))

    @rpc
    def approve_booking(self, request: dict[str, Any]) -> dict[str, Any]:
        command = approval_schemas.approve_booking(request)
        booking = approval.approve(self.app, self.call, command)
        return booking_schemas.booking(booking, self.call.caller)

    @rpc
    def reject_booking(self, request: dict[str, Any]) -> dict[str, Any]:
        command = approval_schemas.reject_booking(request)
        booking = approval.reject(self.app, self.call, command)
        return booking_schemas.booking(booking, self.call.caller)

    @rpc
    def check_in(self, request: dict[str, Any]) -> dict[str, Any]:
        command = check_in_schemas.check_in(request)
        booking = check_in.check_in(self.app, self.call, command)
        return booking_schemas.booking(booking, self.call.caller)

    @rpc
    def end_booking(self, request: dict[str, Any]) -> dict[str, Any]:
        command = check_in_schemas.end_booking(request)
        booking = ending.end_booking(self.app, self.call, command)
        return booking_schemas.booking(booking, self.call.caller)

    @rpc
    def undo_check_in(self, request: dict[str, Any]) -> dict[str, Any]:
        command = check_in_schemas.undo_check_in(request)
        booking = ending.undo_check_in(self.app, self.call, command)
        return booking_schemas.booking(booking, self.call.caller)

    @rpc
    def correct_no_show(self, request: dict[str, Any]) -> dict[str, Any]:
        command = check_in_schemas.correct_no_show(request)
        booking = check_in.correct_no_show(self.app, self.call, command)
        return booking_schemas.booking(booking, self.call.caller)

    @rpc
    def get_budget(self, request: dict[str, Any]) -> dict[str, Any]:
        return budget_schemas.budget(budgets.get(self.app, self.call, id_of(request)))

    @rpc
    def get_budget_week(self, request: dict[str, Any]) -> dict[str, Any]:
        query = budget_schemas.budget_of_week(request)
        return budget_schemas.budget_week(budgets.get_week(self.app, self.call, query))

    @rpc
    def set_budget(self, request: dict[str, Any]) -> dict[str, Any]:
        command = budget_schemas.set_budget(request)
        return budget_schemas.budget(budgets.set_limits(self.app, self.call, command))

    @rpc
    def grant_budget(self, request: dict[str, Any]) -> dict[str, Any]:
        command = budget_schemas.grant_budget(request)
        return budget_schemas.grant(budgets.grant(self.app, self.call, command))

    @rpc
    def invite(self, request: dict[str, Any]) -> dict[str, Any]:
        command = invitation_schemas.invite(request)
        return invitation_schemas.invitation(invitations.invite(self.app, self.call, command))

    @rpc
    def list_invitations(self, request: dict[str, Any]) -> dict[str, Any]:
        booking_id = invitation_schemas.booking_id_of(request)
        found, room = invitations.find(self.app, self.call, booking_id)
        return invitation_schemas.invitation_list(found, room)

    @rpc
    def revoke_invitation(self, request: dict[str, Any]) -> dict[str, Any]:
        command = invitation_schemas.revoke(request)
        return invitation_schemas.invitation(invitations.revoke(self.app, self.call, command))

    @rpc
    def get_meeting(self, request: dict[str, Any]) -> dict[str, Any]:
        found = invitations.meeting(self.app, invitation_schemas.token_of(request))
        return invitation_schemas.meeting(found, self.call.language)

    @rpc
    def reply_to_invitation(self, request: dict[str, Any]) -> dict[str, Any]:
        command = invitation_schemas.reply(request)
        return invitation_schemas.replied(invitations.reply(self.app, self.call, command))

    @rpc
    def count_heads(self, request: dict[str, Any]) -> dict[str, Any]:
        command = invitation_schemas.count_heads(request)
        booking = invitations.count_heads(self.app, self.call, command)
        return booking_schemas.booking(booking, self.call.caller)

    @rpc
    def create_calendar(self, request: dict[str, Any]) -> dict[str, Any]:
        command = calendar_schemas.create_calendar(request)
        return calendar_schemas.new_calendar(*calendars.create(self.app, self.call, command))

    @rpc
    def list_calendars(self, request: dict[str, Any]) -> dict[str, Any]:
        return calendar_schemas.calendar_list(calendars.find(self.app, self.call))

    @rpc
    def delete_calendar(self, request: dict[str, Any]) -> dict[str, Any]:
        calendars.delete(self.app, self.call, id_of(request))
        return {}

    @rpc
    def calendar_owner(self, request: dict[str, Any]) -> dict[str, Any]:
        return {"owner_id": calendars.owner(self.app, calendar_schemas.owner_token(request))}

    @rpc
    def calendar_feed(self, request: dict[str, Any]) -> dict[str, Any]:
        query = calendar_schemas.feed(request)
        return {"calendar": calendars.feed(self.app, self.call, query)}

    @rpc
    def report_utilisation(self, request: dict[str, Any]) -> dict[str, Any]:
        query = statistics_schemas.report_utilisation(request)
        report = statistics.utilisation(self.app, self.call, query)
        return statistics_schemas.utilisation(report)

    @rpc
    def create_series(self, request: dict[str, Any]) -> dict[str, Any]:
        command = series_schemas.create_series(request)
        return series_schemas.schedule(series.create(self.app, self.call, command))

    @rpc
    def preview_series(self, request: dict[str, Any]) -> dict[str, Any]:
        command = series_schemas.create_series(request)
        return series_schemas.schedule(series.preview(self.app, self.call, command), dry_run=True)

    @rpc
    def get_series(self, request: dict[str, Any]) -> dict[str, Any]:
        return series_schemas.schedule(series.get(self.app, self.call, id_of(request)))

    @rpc
    def list_series(self, request: dict[str, Any]) -> dict[str, Any]:
        query = series_schemas.list_series(request)
        return series_schemas.series_page(series.find(self.app, self.call, query), query.limit)

    @rpc
    def change_series(self, request: dict[str, Any]) -> dict[str, Any]:
        command = series_schemas.change_series(request)
        return series_schemas.schedule(series_changes.change(self.app, self.call, command))

    @rpc
    def preview_series_change(self, request: dict[str, Any]) -> dict[str, Any]:
        command = series_schemas.change_series(request)
        found = series_changes.preview_change(self.app, self.call, command)
        return series_schemas.rehearsed_change(found, command.id)

    @rpc
    def cancel_series(self, request: dict[str, Any]) -> dict[str, Any]:
        command = series_schemas.cancel_series(request)
        return series_schemas.schedule(series_changes.cancel(self.app, self.call, command))

    @rpc
    def preview_series_cancel(self, request: dict[str, Any]) -> dict[str, Any]:
        command = series_schemas.cancel_series(request)
        found = series_changes.preview_cancel(self.app, self.call, command)
        return series_schemas.rehearsed_change(found, command.id)

    @rpc
    def retry_series(self, request: dict[str, Any]) -> dict[str, Any]:
        command = series_schemas.retry_series(request)
        return series_schemas.schedule(series_changes.retry(self.app, self.call, command))

    @rpc
    def join_waitlist(self, request: dict[str, Any]) -> dict[str, Any]:
        command = waitlist_schemas.join_waitlist(request)
        return waitlist_schemas.entry(waitlist.join(self.app, self.call, command))

    @rpc
    def get_waitlist_entry(self, request: dict[str, Any]) -> dict[str, Any]:
        return waitlist_schemas.entry(waitlist.get(self.app, self.call, id_of(request)))

    @rpc
    def list_waitlist_entries(self, request: dict[str, Any]) -> dict[str, Any]:
        query = waitlist_schemas.list_entries(request)
        return waitlist_schemas.entry_page(waitlist.find(self.app, self.call, query), query.limit)

    @rpc
    def accept_offer(self, request: dict[str, Any]) -> dict[str, Any]:
        command = waitlist_schemas.change_entry(request)
        return waitlist_schemas.entry(waitlist.accept(self.app, self.call, command))

    @rpc
    def decline_offer(self, request: dict[str, Any]) -> dict[str, Any]:
        command = waitlist_schemas.change_entry(request)
        return waitlist_schemas.entry(waitlist.decline(self.app, self.call, command))

    @rpc
    def cancel_waitlist_entry(self, request: dict[str, Any]) -> dict[str, Any]:
        command = waitlist_schemas.change_entry(request)
        return waitlist_schemas.entry(waitlist.cancel(self.app, self.call, command))

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
