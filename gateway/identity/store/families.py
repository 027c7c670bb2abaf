"""The collection ``refresh_families``: which refresh tokens of a sign-in may be used.

``{_id, person_id, current, previous, rotated_at, spent, started_at, expires_at}``; tokens are kept
as digests. A family ends by itself at ``expires_at``.
"""

from __future__ import annotations

from datetime import datetime

from pymongo import ReturnDocument

from services.common.storage.mongo import Database, Document, Session, unavailable_when_away

_SPENT_KEPT = 50
#: Tokens of one rotation. A device that asks more often than this at once keeps the last ones.
_CURRENT_KEPT = 10


class FamilyStore:
    """Queries of ``refresh_families``.

    Raises :class:`services.common.errors.Unavailable` when the database is away.
    """

    def __init__(self, database: Database) -> None:
        self._families = database.collection("refresh_families")

    def ensure_indexes(self) -> None:
        self._families.create_index("expires_at", expireAfterSeconds=0)
        self._families.create_index("person_id")

    def start(
        self,
        session: Session,
        family_id: str,
        person_id: str,
        token: str,
        *,
        now: datetime,
        expires_at: datetime,
    ) -> None:
        """Start a family with its first token (a digest)."""
        self._families.insert_one(
            {
                "_id": family_id,
                "person_id": person_id,
                "current": [token],
                "previous": [],
                "rotated_at": now,
                "spent": [],
                "started_at": now,
                "expires_at": expires_at,
            },
            session=session,
        )

    def rotate(
        self, family_id: str, old: str, new: str, now: datetime, *, again_since: datetime
    ) -> Document | None:
        """Give a token for another one, in one write that of many at once each sees the last of.

        A current token gives the first token of the next rotation, and all that were current with
        it are previous ones. A previous one gives a further current token, if that rotation was
        after ``again_since``; the time is not renewed by it.

        Returns:
            The family, or None if ``old`` is neither.
        """
        is_current = {"$in": [old, "$current"]}
        more = {"$concatArrays": ["$current", [new]]}
        # What a rotation leaves behind, and what is one too many of the current tokens.
        too_many = {"$max": [0, {"$subtract": [{"$size": more}, _CURRENT_KEPT]}]}
        left = {
            "$cond": [
                is_current,
                "$previous",
                {"$cond": [too_many, {"$slice": [more, 1]}, []]},
            ]
        }
        spent = {"$concatArrays": ["$spent", left]}
        with unavailable_when_away():
            return self._families.find_one_and_update(
                {
                    "_id": family_id,
                    "expires_at": {"$gt": now},
                    "$or": [
                        {"current": old},
                        {"previous": old, "rotated_at": {"$gt": again_since}},
                    ],
                },
                [
                    {
                        "$set": {
                            "current": {
                                "$cond": [is_current, [new], {"$slice": [more, -_CURRENT_KEPT]}]
                            },
                            "previous": {"$cond": [is_current, "$current", "$previous"]},
                            "rotated_at": {"$cond": [is_current, now, "$rotated_at"]},
                            "spent": {"$slice": [spent, -_SPENT_KEPT]},
                        }
                    }
                ],
                return_document=ReturnDocument.AFTER,
            )

    def end(self, session: Session, family_id: str, token: str, *, used_only: bool) -> str | None:
        """End the family that a token (a digest) belongs to.

        Args:
            used_only: only if the token was used before.

        Returns:
            Whose it was; None if there is none.
        """
        owned: list[Document] = [{"spent": token}, {"previous": token}]
        if not used_only:
            owned.append({"current": token})
        gone = self._families.find_one_and_delete(
            {"_id": family_id, "$or": owned}, {"person_id": 1}, session=session
        )
        return None if gone is None else str(gone["person_id"])

    def end_all(self, session: Session, person_id: str) -> None:
        """End every family of a person."""
        self._families.delete_many({"person_id": person_id}, session=session)

    def of_person(self, person_id: str) -> list[Document]:
        """When each sign-in of a person began, and when it ends."""
        with unavailable_when_away():
            found = self._families.find(
                {"person_id": person_id}, {"_id": 0, "started_at": 1, "expires_at": 1}
            )
            return list(found)
