"""Files between the gateway and a branch: base64 in the message, whole, in both directions.

At most 5 MiB, so 7 MiB of a message, where the broker takes 16. A branch's files are in its own
database, which the gateway never opens.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any

from marshmallow import ValidationError, fields


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
            return content_of(value)
        except binascii.Error as error:
            raise ValidationError("invalid") from error


def content_to_wire(data: bytes) -> str:
    """The bytes of a file, as a message holds them."""
    return base64.b64encode(data).decode("ascii")


def content_of(text: str) -> bytes:
    """The bytes that :func:`content_to_wire` was given.

    Raises:
        binascii.Error: if it was not.
    """
    return base64.b64decode(text, validate=True)


def file_to_wire(name: str, content_type: str, data: bytes) -> dict[str, Any]:
    """A file as a method of a branch returns it; ``gateway/api/branch.py:file`` hands it on."""
    return {"name": name, "content_type": content_type, "content": content_to_wire(data)}
