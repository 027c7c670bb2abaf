"""Conditional requests (RFC 9110, 13): a strong ``ETag`` is the version in quotes.

``If-Match`` becomes the expected version of the call; the store compares it in the same write, so
nothing is checked here that could change before the write.
"""

from __future__ import annotations

import hashlib
import re

from services.common.errors import Malformed, PreconditionMissing, Stale

_TAG = re.compile(r'(W/)?"([\x21\x23-\x7e\x80-\xff]*)"')
_VERSION = re.compile(r"0|[1-9][0-9]{0,15}")
_HIGHEST = 2**53


def etag(version: int) -> str:
    """The strong entity tag of a version."""
    return f'"{version}"'


def content_etag(body: bytes) -> str:
    """The strong entity tag of an answer that has no version of its own, such as a list."""
    return f'"h{hashlib.blake2b(body, digest_size=9).hexdigest()}"'


def expected_version(header: str | None, *, lowest: int = 1) -> int:
    """The version that a change expects.

    Args:
        lowest: 0 where the thing is read before it is first written.

    Raises:
        PreconditionMissing: no ``If-Match``.
        Malformed: it is no strong entity tag, or several.
        Stale: it is a well-formed tag that no version of ours has (``*`` is not taken: it would
            overwrite what the caller never saw).
    """
    if header is None or not header.strip():
        raise PreconditionMissing()
    text = header.strip()
    match = _TAG.fullmatch(text)
    if match is None:
        raise Malformed(detail='If-Match must be one entity tag such as "3"')
    if match[1]:
        raise Stale(detail="If-Match compares strongly; a weak tag never matches")
    # Tags are the same when each character is: "01" is no tag of version 1.
    if _VERSION.fullmatch(match[2]) is None:
        raise Stale()
    version = int(match[2])
    if not lowest <= version <= _HIGHEST:
        raise Stale()
    return version


def not_modified(header: str | None, tag: str) -> bool:
    """Whether the caller has this already; weak comparison, as RFC 9110, 13.1.2 says."""
    if not header:
        return False
    if header.strip() == "*":
        return True
    opaque = tag.removeprefix("W/")
    return any(f'"{match[2]}"' == opaque for match in _TAG.finditer(header))
