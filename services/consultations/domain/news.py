"""News of cases: that something happened, for one person each.

Outside of consultations a piece of news is two ids. What it is about only its recipient reads, as
long as the recipient sees the case.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.common.contracts.consultations.news import CASE_NEWS


@dataclass(frozen=True, slots=True)
class News:
    """Something that one person gets a message about.

    Attributes:
        id: random, and nobody else's.
        referral_id: where the recipient sees a referral of the case and not the case.
        what: the fact, one of ``CASE_NEWS``.
        by: id of the person who did it; ``system`` where time did.
    """

    id: str
    recipient_id: str
    case_id: str
    what: str
    by: str
    at: datetime
    referral_id: str | None = None


def check_is_news(what: str) -> None:
    """Whether people can read what a piece of news is about.

    Raises:
        ValueError: if it is none of ``CASE_NEWS``, for which there are texts.
    """
    if what not in CASE_NEWS:
        raise ValueError(f"{what} is no news of a case: add it to CASE_NEWS and to the texts")
