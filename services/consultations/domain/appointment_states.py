"""The states of an appointment: which there are, and what leads from one to another.

The state machine is the table :data:`TRANSITIONS`; ``docs/states.md`` is drawn from it.
"""

from __future__ import annotations

from enum import StrEnum

from services.common.contracts.consultations.calendar_errors import APPOINTMENT_NOT_ALLOWED_NOW
from services.common.transitions import Transitions


class AppointmentStatus(StrEnum):
    AGREED = "agreed"
    DONE = "done"
    MISSED = "missed"
    CANCELLED = "cancelled"


class AppointmentAction(StrEnum):
    MOVE = "move"
    HAND_OVER = "hand_over"
    REMIND = "remind"
    ANSWER_ROOM = "answer_room"
    COMPLETE = "complete"
    MISS = "miss"
    CANCEL = "cancel"


TRANSITIONS: Transitions[AppointmentStatus, AppointmentAction] = Transitions(
    {
        (AppointmentStatus.AGREED, AppointmentAction.MOVE): AppointmentStatus.AGREED,
        (AppointmentStatus.AGREED, AppointmentAction.HAND_OVER): AppointmentStatus.AGREED,
        (AppointmentStatus.AGREED, AppointmentAction.REMIND): AppointmentStatus.AGREED,
        (AppointmentStatus.AGREED, AppointmentAction.ANSWER_ROOM): AppointmentStatus.AGREED,
        (AppointmentStatus.AGREED, AppointmentAction.COMPLETE): AppointmentStatus.DONE,
        (AppointmentStatus.AGREED, AppointmentAction.MISS): AppointmentStatus.MISSED,
        (AppointmentStatus.AGREED, AppointmentAction.CANCEL): AppointmentStatus.CANCELLED,
    },
    refusal=APPOINTMENT_NOT_ALLOWED_NOW,
    first=AppointmentStatus.AGREED,
)

# While an appointment is in one of these, its adviser is claimed.
LIVE = frozenset({AppointmentStatus.AGREED})
