"""The states of a booking: which there are, and what leads from one to another.

The state machine is the table :data:`TRANSITIONS`; ``docs/states.md`` is drawn from it.
"""

from __future__ import annotations

from enum import StrEnum

from services.common.contracts.bookings.errors import NOT_ALLOWED_NOW
from services.common.transitions import Transitions


class Status(StrEnum):
    HELD = "held"
    PENDING = "pending"
    CONFIRMED = "confirmed"
    CHECKED_IN = "checked_in"
    COMPLETED = "completed"
    EXPIRED = "expired"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"


class Action(StrEnum):
    CHANGE = "change"
    RESCHEDULE = "reschedule"
    RESUBMIT = "resubmit"
    SUBMIT = "submit"
    CONFIRM = "confirm"
    APPROVE = "approve"
    REJECT = "reject"
    EXPIRE = "expire"
    LEAVE = "leave"
    CANCEL = "cancel"
    CHECK_IN = "check_in"
    UNDO_CHECK_IN = "undo_check_in"
    CHANGE_END = "change_end"
    END = "end"
    COMPLETE = "complete"
    MARK_NO_SHOW = "mark_no_show"
    CORRECT = "correct"
    COUNT = "count"
    END_OWN_USE = "end_own_use"


TRANSITIONS = Transitions(
    {
        (Status.HELD, Action.SUBMIT): Status.PENDING,
        (Status.HELD, Action.CONFIRM): Status.CONFIRMED,
        (Status.HELD, Action.EXPIRE): Status.EXPIRED,
        (Status.HELD, Action.CANCEL): Status.CANCELLED,
        (Status.PENDING, Action.CHANGE): Status.PENDING,
        (Status.PENDING, Action.RESCHEDULE): Status.PENDING,
        (Status.PENDING, Action.LEAVE): Status.PENDING,
        (Status.PENDING, Action.APPROVE): Status.CONFIRMED,
        (Status.PENDING, Action.REJECT): Status.REJECTED,
        (Status.PENDING, Action.EXPIRE): Status.EXPIRED,
        (Status.PENDING, Action.CANCEL): Status.CANCELLED,
        (Status.CONFIRMED, Action.CHANGE): Status.CONFIRMED,
        (Status.CONFIRMED, Action.RESCHEDULE): Status.CONFIRMED,
        (Status.CONFIRMED, Action.RESUBMIT): Status.PENDING,
        (Status.CONFIRMED, Action.LEAVE): Status.CONFIRMED,
        (Status.CONFIRMED, Action.CANCEL): Status.CANCELLED,
        (Status.CONFIRMED, Action.CHECK_IN): Status.CHECKED_IN,
        (Status.CONFIRMED, Action.MARK_NO_SHOW): Status.NO_SHOW,
        (Status.CONFIRMED, Action.END_OWN_USE): Status.COMPLETED,
        (Status.NO_SHOW, Action.CORRECT): Status.CHECKED_IN,
        (Status.CHECKED_IN, Action.UNDO_CHECK_IN): Status.CONFIRMED,
        (Status.CHECKED_IN, Action.CHANGE_END): Status.CHECKED_IN,
        (Status.CHECKED_IN, Action.END): Status.COMPLETED,
        (Status.CHECKED_IN, Action.COMPLETE): Status.COMPLETED,
        (Status.CHECKED_IN, Action.COUNT): Status.CHECKED_IN,
        (Status.COMPLETED, Action.COUNT): Status.COMPLETED,
    },
    refusal=NOT_ALLOWED_NOW,
)

# What may happen to a booking for the centre's own use. Nobody is expected at its door.
OF_OWN_USE = frozenset({Action.RESCHEDULE, Action.LEAVE, Action.CANCEL, Action.END_OWN_USE})

# While a booking is in one of these, its time is nobody else's.
HOLDS_ITS_TIME = frozenset({Status.HELD, Status.PENDING, Status.CONFIRMED, Status.CHECKED_IN})

# While a booking is in one of these, it counts in its organisation's budget.
COUNTS = HOLDS_ITS_TIME | {Status.COMPLETED, Status.NO_SHOW}

# While a booking is in one of these, it may be given another time or space.
MAY_MOVE = frozenset({Status.PENDING, Status.CONFIRMED})

# While a booking is in one of these, its door code opens something.
CODE_IS_OF_USE = frozenset({Status.CONFIRMED})
