"""Periods of reports, of any branch: how long they are, when one is frozen, and their wire form.

A frozen period has the same figures for ever. Two of them share no day, so that nobody can subtract
one from another. What is counted is the branch's own.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from services.common import clock
from services.common.contracts.report_periods import LONGEST_DAYS
from services.common.errors import ErrorCode, FieldError
from services.common.storage.mongo import Session


@dataclass(frozen=True, slots=True)
class PeriodCodes:
    """What a branch refuses periods with; ``too_long`` says the ``most`` days."""

    ends_early: ErrorCode
    too_long: ErrorCode
    not_over: ErrorCode
    overlap: ErrorCode


class Frozen(Protocol):
    """What every frozen period has."""

    @property
    def id(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def title(self) -> str: ...
    @property
    def first_day(self) -> date: ...
    @property
    def last_day(self) -> date: ...
    @property
    def frozen_at(self) -> datetime: ...


class FrozenDays(Protocol):
    """The frozen periods of a branch; ``storage/frozen_periods.py`` has them."""

    def lock(self, session: Session) -> None: ...
    def sharing_days(
        self, first_day: date, last_day: date, session: Session
    ) -> Collection[object]: ...


def check_days(first_day: date, last_day: date, codes: PeriodCodes) -> None:
    """Whether there are reports of such a period.

    Raises:
        errors.Invalid: ``ends_early``, ``too_long`` of the codes.
    """
    if last_day < first_day:
        raise codes.ends_early(errors=[FieldError("/last_day", codes.ends_early.code)])
    if (last_day - first_day).days >= LONGEST_DAYS:
        fault = FieldError("/last_day", codes.too_long.code)
        raise codes.too_long(most=LONGEST_DAYS, errors=[fault])


def check_may_freeze(
    first_day: date,
    last_day: date,
    codes: PeriodCodes,
    *,
    zones: Collection[str],
    now: datetime,
    frozen: FrozenDays,
    session: Session,
) -> None:
    """Whether a period may be frozen now. Until the transaction ends, no other one is.

    Args:
        zones: of the centres.
        frozen: what is frozen already.

    Raises:
        errors.Conflict: ``not_over`` where a centre still has its last day, ``overlap`` where it
            shares a day with a frozen one.
    """
    if any(now.astimezone(ZoneInfo(zone)).date() <= last_day for zone in zones):
        raise codes.not_over(errors=[FieldError("/last_day", codes.not_over.code)])
    frozen.lock(session)
    if frozen.sharing_days(first_day, last_day, session):
        raise codes.overlap(errors=[FieldError("/first_day", codes.overlap.code)])


def period_to_wire(value: Frozen) -> dict[str, Any]:
    """A frozen period without its figures."""
    return {
        "id": value.id,
        "title": value.title,
        "first_day": value.first_day.isoformat(),
        "last_day": value.last_day.isoformat(),
        "frozen_at": clock.to_wire(value.frozen_at),
        "version": value.version,
    }
