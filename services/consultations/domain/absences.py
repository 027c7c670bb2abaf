"""Absences: when an adviser is away. Nothing that was agreed is cancelled by one: staff get a task.

Why an adviser is away is not stored.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar

from services.common.clock import to_wire
from services.common.contracts.consultations.calendar_errors import (
    ABSENCE_NOT_ALLOWED_NOW,
    ABSENCE_TOO_LONG,
)
from services.common.contracts.consultations.calendar_limits import LONGEST_ABSENCE_DAYS
from services.common.errors import FieldError
from services.common.time.period import Period
from services.common.transitions import Transitions
from services.consultations.domain.adviser_times import check_raster


class AbsenceStatus(StrEnum):
    ENTERED = "entered"
    WITHDRAWN = "withdrawn"


class AbsenceAction(StrEnum):
    CHANGE = "change"
    WITHDRAW = "withdraw"


TRANSITIONS: Transitions[AbsenceStatus, AbsenceAction] = Transitions(
    {
        (AbsenceStatus.ENTERED, AbsenceAction.CHANGE): AbsenceStatus.ENTERED,
        (AbsenceStatus.ENTERED, AbsenceAction.WITHDRAW): AbsenceStatus.WITHDRAWN,
    },
    refusal=ABSENCE_NOT_ALLOWED_NOW,
    first=AbsenceStatus.ENTERED,
)


@dataclass(frozen=True, slots=True)
class Absence:
    """A period in which an adviser is away."""

    kind: ClassVar[str] = "absence"

    id: str
    adviser_id: str
    period: Period
    entered_by: str
    entered_at: datetime
    status: AbsenceStatus = AbsenceStatus.ENTERED
    version: int = 1

    @property
    def facts(self) -> dict[str, Any]:
        """What its history speaks of, in wire form."""
        return {
            "starts_at": to_wire(self.period.starts_at),
            "ends_at": to_wire(self.period.ends_at),
            "status": self.status.value,
        }

    def after(self, action: AbsenceAction, period: Period | None = None) -> Absence:
        """The absence after an action, one version further.

        Raises:
            errors.Conflict: ``consultations.absence_not_allowed_now``.
        """
        status = TRANSITIONS.after(self.status, action)
        return replace(self, status=status, period=period or self.period, version=self.version + 1)


def check_absence(period: Period) -> None:
    """Raises:
    errors.Invalid: ``consultations.end_before_start``, ``consultations.off_raster``,
        ``consultations.absence_too_long``.
    """
    check_raster(period)
    if period.ends_at - period.starts_at > timedelta(days=LONGEST_ABSENCE_DAYS):
        fault = FieldError("/ends_at", ABSENCE_TOO_LONG.code)
        raise ABSENCE_TOO_LONG(days=LONGEST_ABSENCE_DAYS, errors=[fault])
