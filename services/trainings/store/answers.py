"""Keys of tests, and requests to answer forms, as documents."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from pymongo import ASCENDING

from services.common.storage.aggregates import Aggregates
from services.common.storage.mongo import Database, Session
from services.trainings.domain.answer_requests import AnswerRequest
from services.trainings.domain.answering import Occasion
from services.trainings.domain.test_keys import TestKey


class TestKeyStore(Aggregates[TestKey]):
    """The right answers of tests, one document for each edition of a form."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.collection("test_keys"), TestKey)

    def of_form(self, form_id: str, session: Session | None = None) -> dict[int, TestKey]:
        """The keys of a form by edition; an edition without one is left out."""
        return {each.edition: each for each in self.page({"form_id": form_id}, session=session)}

    def ensure_indexes(self) -> None:
        self.collection.create_index([("form_id", ASCENDING)])


class AnswerRequestStore(Aggregates[AnswerRequest]):
    """Requests to answer forms. A participant is asked once for each occasion of a cohort."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.collection("answer_requests"), AnswerRequest)

    def ensure_indexes(self) -> None:
        self.collection.create_index(
            [("cohort_id", ASCENDING), ("occasion", ASCENDING), ("participant_id", ASCENDING)],
            unique=True,
        )
        self.collection.create_index([("participant_id", ASCENDING)])

    def add_all(self, session: Session, requests: Sequence[AnswerRequest]) -> None:
        """Store new ones, in one round trip."""
        if requests:
            self.collection.insert_many(
                [self.document_of(each) for each in requests], session=session
            )

    def asked(self, cohort_id: str, occasion: Occasion, session: Session | None = None) -> set[str]:
        """The participants who have been asked."""
        query = {"cohort_id": cohort_id, "occasion": occasion.value}
        return {each.participant_id for each in self.page(query, session=session)}

    def remove_of(self, session: Session, participant_ids: Collection[str]) -> None:
        """Take the requests to these people away: their links open nothing more."""
        self.collection.delete_many(
            {"participant_id": {"$in": sorted(participant_ids)}}, session=session
        )
