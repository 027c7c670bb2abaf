"""Assignments as documents, and the claims on trainers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from pymongo import ASCENDING
from pymongo.errors import DuplicateKeyError

from services.common.contracts.trainings.assignment_errors import ALREADY_ASSIGNED, TRAINER_TAKEN
from services.common.storage.aggregates import Aggregates, equal_to
from services.common.storage.claims import (
    CLAIMS,
    ClaimRefused,
    claims_refused,
    ensure_claims_index,
)
from services.common.storage.mapping import mapping_of
from services.common.storage.mongo import (
    Database,
    Document,
    RetryTransaction,
    Session,
    unavailable_when_away,
)
from services.common.time.slots import slots_of
from services.trainings.domain.assignments import LIVE, Assignment, AssignmentStatus

_LIVE = {"status": {"$in": sorted(LIVE)}}


def _claims(assignment: Assignment) -> Document:
    if not assignment.live or not assignment.times:
        return {"live": assignment.live}
    claims = [
        each for time in assignment.times for each in slots_of((assignment.trainer_id,), time)
    ]
    return {"live": True, CLAIMS: claims}


ASSIGNMENT = mapping_of(Assignment, extra=_claims)


class AssignmentStore(Aggregates[Assignment]):
    """Assignments."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.collection("assignments"), ASSIGNMENT)

    def ensure_indexes(self) -> None:
        # Trainers work at several centres: a claim holds at all of them.
        ensure_claims_index(self.collection)
        self.collection.create_index(
            [("cohort_id", ASCENDING), ("trainer_id", ASCENDING)],
            unique=True,
            partialFilterExpression={"live": True},
            name="once",
        )
        for owner in ("trainer_id", "cohort_id", "centre_id"):
            self.collection.create_index([(owner, ASCENDING), ("_id", ASCENDING)])

    def add(self, session: Session, aggregate: Assignment) -> None:
        """Raises:
        errors.Conflict: ``trainings.trainer_taken``, ``trainings.already_assigned``.
        """
        if self.live_of(aggregate.cohort_id, session, trainer_id=aggregate.trainer_id):
            raise ALREADY_ASSIGNED()
        try:
            with trainer_taken():
                super().add(session, aggregate)
        except DuplicateKeyError as error:
            raise RetryTransaction("the same trainer was assigned meanwhile") from error

    def save(self, session: Session, aggregate: Assignment, expected_version: int) -> None:
        """Raises:
        errors.Stale: if the stored version is another one.
        errors.Conflict: ``trainings.trainer_taken``.
        """
        with trainer_taken():
            super().save(session, aggregate, expected_version)

    def find(
        self,
        *,
        visible: Document | None,
        cohort_id: str | None = None,
        trainer_id: str | None = None,
        status: str | None = None,
        after: str | None = None,
        limit: int,
    ) -> list[Assignment]:
        """Assignments by id, after the one named.

        Args:
            visible: the query for what the caller may see.
        """
        wanted = {"cohort_id": cohort_id, "trainer_id": trainer_id, "status": status}
        return self.page(visible, equal_to(wanted), after=after, limit=limit)

    def live_of(
        self, cohort_id: str, session: Session | None = None, *, trainer_id: str | None = None
    ) -> list[Assignment]:
        """The assignments of a cohort that have not ended, by id."""
        query = equal_to({"cohort_id": cohort_id, "trainer_id": trainer_id})
        return self.page(query, _LIVE, session=session)

    def of_trainer(
        self, trainer_id: str, session: Session | None = None, *, live: bool = True
    ) -> list[Assignment]:
        """The assignments of a trainer, by id: those that have not ended, or all."""
        return self.page({"trainer_id": trainer_id}, _LIVE if live else None, session=session)

    def teaching_since(self, trainer_id: str, since: datetime, *, limit: int) -> list[Assignment]:
        """The assignments of a trainer that have not ended, with a time that ends after an instant;
        by id."""
        times = {"times.ends_at": {"$gt": since}}
        return self.page({"trainer_id": trainer_id}, _LIVE, times, limit=limit)

    def versions_of(self, trainer_id: str, cohort_ids: Collection[str]) -> dict[str, int]:
        """Cohort → a number that rises with each change of an assignment of the trainer to it, of
        those that have ended too."""
        found: Counter[str] = Counter()
        wanted = {"trainer_id": trainer_id, "cohort_id": {"$in": sorted(cohort_ids)}}
        for each in self.page(wanted):
            found[each.cohort_id] += each.version
        return dict(found)

    def trains(self, person_id: str, cohort_id: str, session: Session | None = None) -> bool:
        """Whether the person has accepted to teach sessions of the cohort."""
        return self._has(person_id, cohort_id, [AssignmentStatus.ACCEPTED], session)

    def is_assigned(self, person_id: str, cohort_id: str, session: Session | None = None) -> bool:
        """Whether the person teaches sessions of the cohort, or is asked to."""
        return self._has(person_id, cohort_id, sorted(LIVE), session)

    def cohorts_of(self, person_id: str) -> list[str]:
        """The cohorts that the person teaches, or is asked to teach."""
        with unavailable_when_away():
            found: list[Any] = self.collection.distinct(
                "cohort_id", {"trainer_id": person_id, **_LIVE}
            )
        return sorted(found)

    def _has(
        self,
        person_id: str,
        cohort_id: str,
        statuses: list[AssignmentStatus],
        session: Session | None,
    ) -> bool:
        query = {
            "cohort_id": cohort_id,
            "trainer_id": person_id,
            "status": {"$in": [each.value for each in statuses]},
        }
        return self.first(query, session) is not None


@contextmanager
def trainer_taken() -> Iterator[None]:
    """Turn the refusal of a claim into the error that people read.

    Raises:
        errors.Conflict: ``trainings.trainer_taken``.
    """
    try:
        with claims_refused():
            yield
    except ClaimRefused as refused:
        trainers = [each.rpartition("@")[0] for each in refused.claims]
        extra = {"trainer_id": trainers[0]} if trainers and trainers[0] else {}
        raise TRAINER_TAKEN(extra=extra) from refused
