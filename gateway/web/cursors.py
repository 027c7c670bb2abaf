"""Positions in lists that a client hands back: opaque, signed, and bound to their list.

A cursor of one list, filter or caller does not open another: it would skip or show the wrong rows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson
from itsdangerous import BadData, URLSafeSerializer

from services.common.contracts.gateway.errors import CURSOR_INVALID

LONGEST = 2048


class Cursors:
    """Makes and reads cursors.

    Args:
        secret: shared by all processes of the gateway.
    """

    def __init__(self, secret: str) -> None:
        self._serializer = URLSafeSerializer(
            secret, salt="masaha.cursor.1", signer_kwargs={"digest_method": hashlib.sha256}
        )

    def sign(self, after: list[Any], route: str, filters: Mapping[str, Any], caller: str) -> str:
        """The cursor of the position ``after`` in the list that the rest describes."""
        text = self._serializer.dumps([after, _list_of(route, filters, caller)])
        return text if isinstance(text, str) else text.decode()

    def read(self, cursor: str, route: str, filters: Mapping[str, Any], caller: str) -> list[Any]:
        """The position in a cursor.

        Raises:
            errors.Malformed: ``cursor.invalid``, if it is not ours or belongs to another list.
        """
        try:
            after, bound = self._serializer.loads(cursor[:LONGEST])
        except (BadData, ValueError, TypeError) as error:
            raise CURSOR_INVALID() from error
        if bound != _list_of(route, filters, caller) or not isinstance(after, list):
            raise CURSOR_INVALID()
        return after


def _list_of(route: str, filters: Mapping[str, Any], caller: str) -> str:
    described = orjson.dumps(
        [route, {k: v for k, v in filters.items() if v is not None}, caller],
        option=orjson.OPT_SORT_KEYS,
        default=str,
    )
    return hashlib.blake2b(described, digest_size=9).hexdigest()
