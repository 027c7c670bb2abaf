"""Advisers: what they advise on, in which languages, at which centres, and when they work."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any, ClassVar

from services.common.contracts.consultations.adviser_errors import BREAK_OUTSIDE_HOURS
from services.common.errors import FieldError
from services.common.time.period import Period
from services.common.time.weekly_hours import WeeklyHours
from services.consultations.domain.adviser_times import Buffers, Diary


class Sex(StrEnum):
    """As the person has it in the profile; an organisation may ask for a woman."""

    FEMALE = "female"
    MALE = "male"


@dataclass(frozen=True, slots=True)
class Adviser:
    """The profile of an adviser.

    Attributes:
        id: of the person's account.
        specialities: ids, as kinds of consultations name them.
        languages: codes of those that the adviser speaks with organisations.
        time_zone: IANA zone; the hours follow its wall clock.
        working_hours: with the breaks among them.
        buffer: what is taken after a meeting, to write it down.
        active: whether cases are assigned to the adviser and times offered.
    """

    kind: ClassVar[str] = "adviser"

    id: str
    centre_ids: tuple[str, ...]
    specialities: tuple[str, ...]
    languages: tuple[str, ...]
    time_zone: str
    working_hours: WeeklyHours
    breaks: WeeklyHours
    buffer: timedelta = timedelta()
    sex: Sex | None = None
    active: bool = True
    version: int = 1

    @property
    def buffers(self) -> Buffers:
        return Buffers(after=self.buffer)

    @property
    def facts(self) -> dict[str, Any]:
        """What its history speaks of, in wire form."""
        return {
            "centre_ids": list(self.centre_ids),
            "specialities": list(self.specialities),
            "languages": list(self.languages),
            "time_zone": self.time_zone,
            "working_hours": self.working_hours.to_wire(),
            "breaks": self.breaks.to_wire(),
            "buffer_minutes": self.buffer // timedelta(minutes=1),
            "sex": None if self.sex is None else self.sex.value,
            "active": self.active,
        }

    def diary(self, absences: tuple[Period, ...], taken: tuple[Period, ...]) -> Diary:
        """All that decides when the adviser can be met."""
        return Diary(self.time_zone, self.working_hours, self.breaks, absences, taken)

    def changed(self, **changes: Any) -> Adviser:
        """The profile one version further.

        Raises:
            errors.Invalid: ``consultations.break_outside_hours``.
        """
        after = replace(self, version=self.version + 1, **changes)
        check_breaks(after.working_hours, after.breaks)
        return after


def check_breaks(hours: WeeklyHours, breaks: WeeklyHours) -> None:
    """Whether each break lies within the hours of its day.

    Raises:
        errors.Invalid: ``consultations.break_outside_hours``, naming each day.
    """
    faults = [
        FieldError(f"/breaks/{day}", BREAK_OUTSIDE_HOURS.code)
        for day in _days_with_stray_breaks(hours, breaks)
    ]
    if faults:
        raise BREAK_OUTSIDE_HOURS(errors=faults)


def _days_with_stray_breaks(hours: WeeklyHours, breaks: WeeklyHours) -> Iterator[str]:
    for day, intervals in breaks.days.items():
        of_work = hours.days.get(day, ())
        for begins, ends in intervals:
            if not any(opens <= begins and ends <= closes for opens, closes in of_work):
                yield day
                break
