"""Ratings: commands in, wire form out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.common.clock import to_wire
from services.common.contracts.consultations import ratings as contract
from services.consultations.domain.ratings import Rating
from services.consultations.schemas import Request, instant

_open_rating = contract.OpenRating()
_rate_by_link = contract.RateByLink()


@dataclass(frozen=True, slots=True)
class RateByLink:
    token: str
    score: int
    remark: str | None


def open_rating(request: Request) -> str:
    token: str = _open_rating.load(request)["token"]
    return token


def rate_by_link(request: Request) -> RateByLink:
    return RateByLink(**_rate_by_link.load(request))


# -- wire form -------------------------------------------------------------------------------------


def rating_link(token: str, expires_at: datetime) -> dict[str, Any]:
    return {"token": token, "expires_at": to_wire(expires_at)}


def opened_rating(value: Rating) -> dict[str, Any]:
    return {
        "expires_at": to_wire(value.expires_at),
        "rated": value.score is not None,
        "lowest": contract.LOWEST,
        "highest": contract.HIGHEST,
    }


def rating(value: Rating) -> dict[str, Any]:
    return {
        "case_id": value.case_id,
        "requested_at": to_wire(value.requested_at),
        "expires_at": to_wire(value.expires_at),
        "rated_at": instant(value.rated_at),
        "score": value.score,
        "remark": value.remark,
        "version": value.version,
    }
