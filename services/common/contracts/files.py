"""A file on the wire between the gateway and a branch: its bytes in base64."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from marshmallow import ValidationError, fields

LARGEST = 5 * 1024 * 1024
"""Bytes. A phone on a bad connection sends no more, and a scan of some pages is smaller."""
LONGEST_NAME = 150


class FileContent(fields.Field[bytes]):
    """The bytes of a file, in base64 on the wire.

    Args:
        largest: in bytes.
    """

    def __init__(self, largest: int, **kwargs: Any) -> None:
        self.largest = largest
        super().__init__(**kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bytes:
        # Four characters for each three bytes.
        if not isinstance(value, str) or len(value) > 4 * (self.largest // 3 + 1):
            raise ValidationError("length")
        try:
            return base64.b64decode(value, validate=True)
        except binascii.Error as error:
            raise ValidationError("characters") from error
