"""Stable codes of what ratings are refused for."""

from __future__ import annotations

from services.common.errors import Conflict, ErrorCode, NotFound

RATING_LINK_UNKNOWN = ErrorCode(
    "consultations.rating_link_unknown", NotFound, "No consultation is rated by this link."
)
RATING_LINK_EXPIRED = ErrorCode(
    "consultations.rating_link_expired", Conflict, "The link is not valid any more."
)
RATED_ALREADY = ErrorCode(
    "consultations.rated_already", Conflict, "The consultation is rated, with another answer."
)
NOTHING_TO_RATE = ErrorCode(
    "consultations.nothing_to_rate", Conflict, "A case is rated after it is closed."
)

ALL: tuple[ErrorCode, ...] = tuple(v for v in list(globals().values()) if isinstance(v, ErrorCode))
