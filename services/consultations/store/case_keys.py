"""The keys of cases: in another database, with a backup of its own, for other people to keep.

All cases have one, open ones too: sealing a case then changes nothing of what was written before. A
key is made before its case is stored, so that no case is without one; one whose case was never
stored harms nobody.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from threading import Lock

from pymongo import ReturnDocument

from services.common.encryption import Cipher, new_key
from services.common.storage.mongo import Database, Document, unavailable_when_away

_REMEMBERED = 4_096
# What belongs to cases, as histories name it; and the key of all such histories.
_OF_CASES = frozenset({"action_plan", "appointment", "milestone", "note", "referral", "visit"})
_BELONGINGS = "belongings"


class CaseKeyMissing(Exception):
    """A case has no key: the keys' database was lost, or set back before the case was stored."""


class CaseKeys:
    """The key of each case.

    Args:
        database: of the keys alone.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._keys = database.collection("case_keys")
        self._remembered: OrderedDict[str, Cipher] = OrderedDict()
        self._lock = Lock()

    def make(self, case_id: str) -> Cipher:
        """The cipher of a case that is about to be stored; again it is the same.

        One that is known already is not asked for.

        Raises:
            errors.Unavailable: if the database is away.
        """
        known = self._look_up(case_id)
        if known is not None:
            return known
        with unavailable_when_away():
            found = self._keys.find_one_and_update(
                {"_id": case_id},
                {"$setOnInsert": {"key": new_key()}},
                upsert=True,
                return_document=ReturnDocument.AFTER,
            )
        return self._remember(case_id, found["key"])

    def cipher_of(self, case_id: str) -> Cipher:
        """The cipher of a case.

        Raises:
            errors.Unavailable: if the database is away.
            CaseKeyMissing: if there is no key.
        """
        known = self._look_up(case_id)
        if known is not None:
            return known
        with unavailable_when_away():
            found = self._keys.find_one({"_id": case_id})
        if found is None:
            raise CaseKeyMissing(case_id)
        return self._remember(case_id, found["key"])

    def load(self, case_ids: Iterable[str]) -> None:
        """Read the keys of several cases in one question, before they are needed.

        Raises:
            errors.Unavailable: if the database is away.
        """
        with self._lock:
            wanted = [each for each in set(case_ids) if each not in self._remembered]
        if wanted:
            with unavailable_when_away():
                for found in self._keys.find({"_id": {"$in": wanted}}):
                    self._remember(found["_id"], found["key"])

    def of_document(self, document: Document) -> Cipher:
        """The cipher for something that belongs to a case."""
        return self.cipher_of(document["case_id"])

    def of_owner(self, owner: str) -> Cipher:
        """The cipher of a case's files; the owner of a file is the case's id."""
        return self.cipher_of(owner)

    def of_subject(self, subject: str) -> Cipher | None:
        """The cipher for the history of a case, or of what belongs to one; ``None`` for others."""
        kind, _, subject_id = subject.partition("/")
        if kind == "case":
            return self.cipher_of(subject_id)
        # The history of what belongs to a case does not say to which.
        return self.make(_BELONGINGS) if kind in _OF_CASES else None

    def ping(self) -> None:
        """Raises:
        errors.Unavailable: if the database is away.
        """
        self._database.ping()

    def close(self) -> None:
        self._database.close()

    def _look_up(self, case_id: str) -> Cipher | None:
        with self._lock:
            known = self._remembered.get(case_id)
            if known is not None:
                self._remembered.move_to_end(case_id)
            return known

    def _remember(self, case_id: str, key: bytes) -> Cipher:
        cipher = Cipher(key)
        with self._lock:
            self._remembered[case_id] = cipher
            self._remembered.move_to_end(case_id)
            while len(self._remembered) > _REMEMBERED:
                self._remembered.popitem(last=False)
        return cipher
