"""The states of a case: which there are, and what leads from one to another.

The state machine is the table :data:`TRANSITIONS`; ``docs/states.md`` is drawn from it.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from services.common.contracts.consultations.case_errors import CASE_NOT_ALLOWED_NOW
from services.common.transitions import Transitions


class CaseStatus(StrEnum):
    SUBMITTED = "submitted"
    TRIAGED = "triaged"
    ASSIGNED = "assigned"
    PLANNED = "planned"
    IN_PROGRESS = "in_progress"
    AWAITING_ORGANISATION = "awaiting_organisation"
    RESOLVED = "resolved"
    CLOSED = "closed"
    REOPENED = "reopened"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class CaseAction(StrEnum):
    CHANGE = "change"
    TRIAGE = "triage"
    ASSIGN = "assign"
    PLAN = "plan"
    START = "start"
    ASK_ORGANISATION = "ask_organisation"
    RESUME = "resume"
    RESOLVE = "resolve"
    CLOSE = "close"
    REOPEN = "reopen"
    DECLINE = "decline"
    WITHDRAW = "withdraw"
    SEAL = "seal"
    UNSEAL = "unseal"
    BREAK_GLASS = "break_glass"


_STATUS, _ACTION = CaseStatus, CaseAction

WAITING = frozenset({_STATUS.SUBMITTED, _STATUS.TRIAGED})
"""Nobody has it yet."""

WITH_ADVISER = frozenset(
    {
        _STATUS.ASSIGNED,
        _STATUS.PLANNED,
        _STATUS.IN_PROGRESS,
        _STATUS.AWAITING_ORGANISATION,
        _STATUS.REOPENED,
    }
)
"""An adviser works on it."""

OPEN = WAITING | WITH_ADVISER
"""There is something to do."""

OVER = frozenset({_STATUS.CLOSED, _STATUS.DECLINED, _STATUS.WITHDRAWN})
"""Nothing happens by itself any more."""


def _all(
    states: Iterable[CaseStatus], action: CaseAction, to: CaseStatus | None = None
) -> dict[tuple[CaseStatus, CaseAction], CaseStatus]:
    """One row for each state, in the order of the enum so that the diagram stays the same.

    Args:
        to: the state that follows; without one each state stays as it is.
    """
    wanted = set(states)
    return {(state, action): to or state for state in _STATUS if state in wanted}


TRANSITIONS = Transitions(
    {
        (_STATUS.SUBMITTED, _ACTION.TRIAGE): _STATUS.TRIAGED,
        **_all(WAITING, _ACTION.ASSIGN, _STATUS.ASSIGNED),
        # Another adviser takes over where the case stands.
        **_all(WITH_ADVISER - {_STATUS.REOPENED}, _ACTION.ASSIGN),
        (_STATUS.REOPENED, _ACTION.ASSIGN): _STATUS.ASSIGNED,
        **_all(
            {_STATUS.ASSIGNED, _STATUS.PLANNED, _STATUS.REOPENED}, _ACTION.PLAN, _STATUS.PLANNED
        ),
        # One more appointment of a case that is under way.
        **_all({_STATUS.IN_PROGRESS, _STATUS.AWAITING_ORGANISATION}, _ACTION.PLAN),
        **_all(
            {_STATUS.ASSIGNED, _STATUS.PLANNED, _STATUS.REOPENED},
            _ACTION.START,
            _STATUS.IN_PROGRESS,
        ),
        **_all(
            WITH_ADVISER - {_STATUS.AWAITING_ORGANISATION},
            _ACTION.ASK_ORGANISATION,
            _STATUS.AWAITING_ORGANISATION,
        ),
        (_STATUS.AWAITING_ORGANISATION, _ACTION.RESUME): _STATUS.IN_PROGRESS,
        **_all(WITH_ADVISER, _ACTION.RESOLVE, _STATUS.RESOLVED),
        (_STATUS.RESOLVED, _ACTION.CLOSE): _STATUS.CLOSED,
        **_all({_STATUS.RESOLVED, _STATUS.CLOSED}, _ACTION.REOPEN, _STATUS.REOPENED),
        **_all(WAITING, _ACTION.DECLINE, _STATUS.DECLINED),
        **_all(OPEN, _ACTION.WITHDRAW, _STATUS.WITHDRAWN),
        # Who may know of it.
        **_all(_STATUS, _ACTION.SEAL),
        **_all(_STATUS, _ACTION.UNSEAL),
        **_all(_STATUS, _ACTION.BREAK_GLASS),
        # What was asked, and who is on it.
        **_all(OPEN | {_STATUS.RESOLVED}, _ACTION.CHANGE),
    },
    refusal=CASE_NOT_ALLOWED_NOW,
    first=_STATUS.SUBMITTED,
)
