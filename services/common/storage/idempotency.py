"""Idempotency keys: a creating request that is sent twice is done once.

The key is stored in the same transaction as what the request creates, so after any crash a retry
finds either both or neither. There is no visible "still running": two equal requests that race meet
in the database, one wins, and the other is given the winner's answer.

Behaviour after https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

import orjson
from pymongo.collation import Collation
from pymongo.errors import DuplicateKeyError

from services.common import errors
from services.common.clock import Clock
from services.common.context import Call
from services.common.storage.mongo import (
    Database,
    Document,
    Session,
    unavailable_when_away,
)

T = TypeVar("T")

KEPT = timedelta(hours=24)
LONGEST_KEY = 128
_ANY_CASE = Collation("en", strength=2)


@dataclass(frozen=True, slots=True)
class Request:
    """A creating request: who, what, with which key, and a fingerprint of what it asks for."""

    id: str
    fingerprint: str

    @classmethod
    def of(cls, call: Call, operation: str, body: Mapping[str, Any]) -> Request:
        """Describe a request.

        Raises:
            errors.Malformed: if the call carries no key, or one that is too long.
        """
        key = call.idempotency_key
        if not key:
            raise errors.Malformed("idempotency.key_missing")
        if len(key) > LONGEST_KEY or not key.isprintable():
            raise errors.Malformed("idempotency.key_invalid")
        canonical = orjson.dumps(
            body, default=str, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS
        )
        return cls(
            id=f"{call.caller.id}|{operation}|{key}",
            fingerprint=hashlib.sha256(canonical).hexdigest(),
        )


class IdempotencyKeys:
    """The keys of one service.

    Args:
        database: the service's own.
        clock: for the time a key is stored.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._keys = database.collection("idempotency_keys")
        self._clock = clock

    def ensure_indexes(self) -> None:
        self._keys.create_index("stored_at", expireAfterSeconds=int(KEPT.total_seconds()))

    def once(
        self,
        request: Request,
        work: Callable[[Session], T],
        *,
        save: Callable[[T], Document],
        load: Callable[[Document], T],
        look_first: bool = True,
        turn: str | None = None,
    ) -> T:
        """Do ``work`` in one transaction with its key, or give the answer it gave before.

        Args:
            request: whose key is taken.
            work: creates, through the session; may run more than once, commits at most once.
            save, load: the answer as a document, and back.
            look_first: whether to look for an answer before the work. Without it the key itself
                stops a request that was done before, after its work: a new request is spared a
                question, and an old one costs more. For work that is short and often asked for.
            turn: as of :meth:`Database.transact`.

        Raises:
            errors.KeyReused: if the key was used with another fingerprint.
            errors.Unavailable: if the database is away.
            Everything that ``work`` raises; a refusal is not stored, so the key may be used again.
        """
        answered = self._answer(request) if look_first else None
        if answered is not None:
            return load(answered)

        def with_key(session: Session) -> T:
            result = work(session)
            self._keys.insert_one(
                {
                    "_id": request.id,
                    "fingerprint": request.fingerprint,
                    "answer": save(result),
                    "stored_at": self._clock.now(),
                },
                session=session,
            )
            return result

        try:
            return self._database.transact(with_key, turn=turn)
        except errors.Unavailable:
            # A database that is away cannot be asked for the answer either.
            raise
        except (DuplicateKeyError, errors.MasahaError):
            # An equal request may have been done before we looked, or have won the race since: then
            # its answer is ours too, and the refusal was about its own booking.
            answered = self._answer(request)
            if answered is not None:
                return load(answered)
            raise

    def forget(self, session: Session, *, caller_id: str | None = None, **parts: str) -> None:
        """Erase the answers that a caller was given, or that hold these parts.

        Args:
            parts: value by path in an answer, with ``__`` for each dot.
        """
        if caller_id is not None:
            self._keys.delete_many(
                {"_id": {"$regex": f"^{re.escape(caller_id)}\\|"}}, session=session
            )
        for path, value in parts.items():
            self._keys.delete_many(
                {f"answer.{path.replace('__', '.')}": value}, session=session, collation=_ANY_CASE
            )

    def _answer(self, request: Request) -> Document | None:
        with unavailable_when_away():
            stored = self._keys.find_one({"_id": request.id})
        if stored is None:
            return None
        if stored["fingerprint"] != request.fingerprint:
            raise errors.KeyReused()
        answer: Document = stored["answer"]
        return answer
