"""Time limits of a case: wire form out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from services.common.clock import to_wire
from services.consultations.domain.time_limits import TimeLimit
from services.consultations.schemas import instant

_MINUTE = timedelta(minutes=1)


def time_limit(value: TimeLimit) -> dict[str, Any]:
    return {
        "what": value.what.value,
        "round": value.round,
        "status": value.status.value,
        "amount_minutes": value.amount // _MINUTE,
        "started_at": to_wire(value.started_at),
        "warn_at": instant(value.warn_at),
        "due_at": instant(value.due_at),
        "warned_at": instant(value.warned_at),
        "alerted_at": instant(value.alerted_at),
        "ended_at": instant(value.ended_at),
        "took_minutes": None if value.took is None else value.took // _MINUTE,
    }


def time_limits_of_case(values: Iterable[TimeLimit]) -> dict[str, Any]:
    return {"items": [time_limit(each) for each in values]}
