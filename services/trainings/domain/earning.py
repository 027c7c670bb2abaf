"""The rule by which a person earns a certificate, as data, and what it says of one person."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from services.trainings.domain.attendance import Attendance


class Lack(StrEnum):
    """Why a certificate is not earned."""

    ATTENDANCE_SHORT = "attendance_short"
    #: The sessions that are still open decide it.
    ATTENDANCE_OPEN = "attendance_open"
    #: Every session is excused, or before or after the person's seat.
    NO_SESSION_COUNTS = "no_session_counts"
    TEST_MISSING = "test_missing"
    SCORE_SHORT = "score_short"


@dataclass(frozen=True, slots=True)
class EarningRule:
    """What a certificate takes; every part that is set must hold.

    Attributes:
        least_attendance: percent of the counted sessions, 1 to 100.
        test_required: whether the post-test must have been taken, with any score.
        least_score: percent of the post-test, 0 to 100; it makes the test required.

    Raises:
        ValueError: nothing is set, or a percentage is outside its limits.
    """

    least_attendance: int | None = None
    test_required: bool = False
    least_score: int | None = None

    def __post_init__(self) -> None:
        if self.least_attendance is None and self.least_score is None and not self.test_required:
            raise ValueError("a rule sets an attendance, a test, or both")
        if self.least_attendance is not None and not 1 <= self.least_attendance <= 100:
            raise ValueError("the least attendance is from 1 to 100 percent")
        if self.least_score is not None and not 0 <= self.least_score <= 100:
            raise ValueError("the least score is from 0 to 100 percent")


@dataclass(frozen=True, slots=True)
class Shortfall:
    """One part of the rule that does not hold.

    Attributes:
        required: percent, as the rule sets it; ``None`` where it asks for a test alone.
        reached: percent, exact; ``None`` where there is none yet.
        open: ids of the sessions without a mark or with a contradiction.
    """

    lack: Lack
    required: int | None
    reached: Fraction | None
    open: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Earning:
    """What the rule says of one person: earned, if nothing falls short."""

    shortfalls: tuple[Shortfall, ...] = ()

    @property
    def is_earned(self) -> bool:
        return not self.shortfalls


def apply_rule(rule: EarningRule, attendance: Attendance, post: Fraction | None) -> Earning:
    """Whether a certificate is earned, or every part of the rule that does not hold.

    Open sessions count against nobody and for nobody: where they may still decide, the answer is
    ``attendance_open``.

    Args:
        post: score of the post-test in percent; ``None`` if it was not taken.
    """
    found = []
    if rule.least_attendance is not None and (
        short := _attendance_shortfall(rule.least_attendance, attendance)
    ):
        found.append(short)
    if post is None:
        if rule.test_required or rule.least_score is not None:
            found.append(Shortfall(Lack.TEST_MISSING, rule.least_score, None))
    elif rule.least_score is not None and post < rule.least_score:
        found.append(Shortfall(Lack.SCORE_SHORT, rule.least_score, post))
    return Earning(tuple(found))


def _attendance_shortfall(required: int, attendance: Attendance) -> Shortfall | None:
    least, most, share = attendance.least, attendance.most, attendance.share
    if least is None or most is None:
        return Shortfall(Lack.NO_SESSION_COUNTS, required, None)
    if 100 * least >= required:
        return None
    reached = None if share is None else 100 * share
    lack = Lack.ATTENDANCE_SHORT if 100 * most < required else Lack.ATTENDANCE_OPEN
    return Shortfall(lack, required, reached, attendance.open)
