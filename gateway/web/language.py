"""Which language an answer is in: ``Accept-Language`` (RFC 9110, 12.5.4) against what we have."""

from __future__ import annotations

import re
from functools import lru_cache

from services.common.languages import DEFAULT_LANGUAGE, LANGUAGES

_RANGE = re.compile(
    r"\A\s*(?P<range>\*|[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*)\s*"
    r"(?:;\s*[qQ]\s*=\s*(?P<q>0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)\s*)?\Z"
)


@lru_cache(maxsize=1024)
def negotiate(
    header: str | None,
    default: str = DEFAULT_LANGUAGE,
    available: tuple[str, ...] = LANGUAGES,
) -> str:
    """The best language for a caller.

    Args:
        header: the value of ``Accept-Language``; a malformed part of it is passed over.
        default: where the caller has no wish that we can meet; wins over equals.
        available: the languages that there are.
    """
    weights: dict[str, float] = {}
    for part in (header or "").split(","):
        match = _RANGE.match(part)
        if match is None:
            continue
        tag = match["range"].lower().partition("-")[0]
        weight = float(match["q"]) if match["q"] else 1.0
        weights[tag] = max(weight, weights.get(tag, 0.0))
    best, best_weight = default, 0.0
    for language in (default, *(code for code in available if code != default)):
        weight = weights.get(language, weights.get("*", 0.0))
        if weight > best_weight:
            best, best_weight = language, weight
    if best_weight == 0.0 and weights.get(default) == 0.0:
        # The caller refuses the default by name: any other that is not refused too.
        return next((code for code in available if weights.get(code) != 0.0), default)
    return best
