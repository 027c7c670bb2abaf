"""Ratings: what the organisation's side says of a consultation, once for each closing.

A low score opens a review for staff; of a sealed case, for its people.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.common.contracts.consultations.rating_errors import RATED_ALREADY

#: How long a closing can be rated.
VALID = timedelta(days=30)
#: This score or a lower one opens a review.
LOW_SCORE = 2

LINK_PURPOSE = "consultations.rating"


@dataclass(frozen=True, slots=True)
class RatingLink:
    """A link by which one person rates.

    Attributes:
        id: what its token names; it says nothing of the case, nor of the person.
    """

    id: str
    person_id: str


@dataclass(frozen=True, slots=True)
class Rating:
    """One closing of a case, and how it was rated.

    Attributes:
        round: 1, and one more for each time that the case was reopened.
        score: from 1 to 5; ``None`` until it is rated.
        links: of the people of the organisation who have asked for one.
    """

    id: str
    case_id: str
    centre_id: str
    round: int
    requested_at: datetime
    expires_at: datetime
    score: int | None = None
    remark: str | None = None
    rated_at: datetime | None = None
    links: tuple[RatingLink, ...] = ()
    version: int = 1

    def link_of(self, person_id: str) -> RatingLink | None:
        """The link of a person, who has asked for one."""
        return next((each for each in self.links if each.person_id == person_id), None)

    def holder_of(self, link_id: str) -> str:
        """The person whose link it is."""
        return next(each.person_id for each in self.links if each.id == link_id)

    @property
    def low(self) -> bool:
        """Whether it is to be looked at."""
        return self.score is not None and self.score <= LOW_SCORE

    def rated(self, score: int, remark: str | None, now: datetime) -> Rating:
        """The rating as it was given; itself where the same is said again.

        Raises:
            errors.Conflict: ``consultations.rated_already``, with another answer.
        """
        if self.score is not None:
            if (self.score, self.remark) == (score, remark):
                return self
            raise RATED_ALREADY()
        return replace(self, score=score, remark=remark, rated_at=now, version=self.version + 1)


def request_of(id: str, case_id: str, centre_id: str, round: int, now: datetime) -> Rating:
    """A closing that waits to be rated."""
    expires_at = (now + VALID).replace(microsecond=0)
    return Rating(id, case_id, centre_id, round, now, expires_at)
