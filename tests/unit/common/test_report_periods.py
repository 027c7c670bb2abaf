"""Periods of reports: how long they are, and when one is frozen."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

import pytest

from services.common.contracts.consultations import statistics_errors as codes
from services.common.contracts.report_periods import LONGEST_DAYS
from services.common.errors import MasahaError
from services.common.report_periods import PeriodCodes, check_days, check_may_freeze
from services.common.storage.mongo import Session

CODES = PeriodCodes(
    codes.PERIOD_ENDS_EARLY, codes.PERIOD_TOO_LONG, codes.PERIOD_NOT_OVER, codes.PERIODS_OVERLAP
)
FIRST, LAST = date(2026, 7, 1), date(2026, 9, 30)
SESSION = cast(Session, None)


class Frozen:
    """What is frozen already; that it is locked before it is read is noted."""

    def __init__(self, *found: object) -> None:
        self.found, self.done = found, list[str]()

    def lock(self, session: Session) -> None:
        self.done.append("lock")

    def sharing_days(self, first_day: date, last_day: date, session: Session) -> Collection[object]:
        self.done.append("read")
        return self.found


def freeze(frozen: Frozen, now: datetime, zones: Collection[str] = ("Asia/Damascus",)) -> None:
    check_may_freeze(FIRST, LAST, CODES, zones=zones, now=now, frozen=frozen, session=SESSION)


@pytest.mark.parametrize(
    ("days", "refused"),
    [
        (-1, codes.PERIOD_ENDS_EARLY),
        (0, None),
        (LONGEST_DAYS - 1, None),
        (LONGEST_DAYS, codes.PERIOD_TOO_LONG),
    ],
)
def test_a_period_is_of_one_day_at_least_and_not_too_long(days: int, refused: Any) -> None:
    last = FIRST + timedelta(days=days)
    if refused is None:
        check_days(FIRST, last, CODES)
        return
    with pytest.raises(MasahaError) as error:
        check_days(FIRST, last, CODES)
    assert error.value.code == refused.code
    assert [each.pointer for each in error.value.errors] == ["/last_day"]


def test_a_period_is_over_when_its_last_day_is_over_at_every_centre() -> None:
    frozen = Frozen()
    # Midnight in Damascus (UTC+3) is nine in the evening in UTC.
    early = datetime(2026, 9, 30, 20, 59, 59, tzinfo=UTC)
    with pytest.raises(MasahaError, match="period_not_over"):
        freeze(frozen, early)
    freeze(frozen, early + timedelta(seconds=1))
    with pytest.raises(MasahaError, match="period_not_over"):
        freeze(frozen, early + timedelta(seconds=1), zones=("Asia/Damascus", "Europe/Berlin"))
    assert frozen.done == ["lock", "read"]


def test_a_period_shares_no_day_with_a_frozen_one() -> None:
    frozen = Frozen(object())
    with pytest.raises(MasahaError, match="periods_overlap"):
        freeze(frozen, datetime(2026, 12, 1, tzinfo=UTC))
    assert frozen.done == ["lock", "read"]
