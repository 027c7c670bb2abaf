"""Offers: after a training its organisation may ask for a consultation on the same subject."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import ClassVar

OPEN_FOR = timedelta(days=90)
"""So long an offer holds."""

MOST_NAMED = 3
"""So many advisers are named in an offer."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One offer to an organisation, whose person has completed a training.

    Attributes:
        cohort_id: which training; an organisation has one offer for each.
        title: of the cohort.
        person_id: who has completed it first, and gets the message.
        adviser_ids: who would be asked, the trainers of the cohort first.
        case_id: the request that came of it.
    """

    kind: ClassVar[str] = "offer"

    id: str
    organisation_id: str
    cohort_id: str
    topic_id: str
    centre_id: str
    title: Mapping[str, str]
    person_id: str | None
    offered_at: datetime
    adviser_ids: tuple[str, ...] = ()
    case_id: str | None = None
    version: int = 1

    @property
    def expires_at(self) -> datetime:
        return self.offered_at + OPEN_FOR

    def holds_at(self, now: datetime) -> bool:
        """Whether a request may begin with it."""
        return now < self.expires_at

    def accepted(self, case_id: str) -> Offer:
        """The offer after a request has come of it; a later request leaves it as it is."""
        if self.case_id is not None:
            return self
        return replace(self, case_id=case_id, version=self.version + 1)
