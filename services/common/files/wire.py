"""Files between the gateway and a branch: base64 in the message, whole, in both directions.

At most 5 MiB, so 7 MiB of a message, where the broker takes 16. A branch's files are in its own
database, which the gateway never opens. ``services/common/contracts/files.py:FileContent`` is the
field of a request.
"""

from __future__ import annotations

import base64
from typing import Any


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
