"""Passwords: argon2id (RFC 9106), computed where it holds up nobody else.

A hash takes tens of milliseconds of pure computing. Under gevent that would stop every other
request of the process, so it runs in a pool of native threads; elsewhere it runs where it is called
(argon2 releases the interpreter's lock). The pool is small, because each of its threads keeps the
memory of a hash for good: more sign-ins at once wait for their turn.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from gevent import monkey
from gevent.threadpool import ThreadPool

T = TypeVar("T")

SHORTEST, LONGEST = 10, 128

#: Native threads of a process that compute hashes.
THREADS = 2

# OWASP's first recommendation for argon2id (Password Storage Cheat Sheet): 19 MiB, 2 passes.
_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


def hashed(password: str) -> str:
    """The password's hash, with its parameters and a fresh salt."""
    return _apart(_hasher.hash, password)


# Compared with when there is no such account, so that the answer takes the same time.
_NOBODY = _hasher.hash("nobody signs in with this")


def matches(stored: str | None, password: str) -> bool:
    """Whether the password is the one of the hash; takes the same time when there is no hash."""
    found = _apart(_verify, stored or _NOBODY, password)
    return found and stored is not None


def _verify(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def _apart(work: Callable[..., T], *arguments: Any) -> T:
    if not monkey.is_module_patched("threading"):
        return work(*arguments)
    result: T = _pool().apply(work, arguments)
    return result


@cache
def _pool() -> ThreadPool:
    # Not when this is imported: threads do not outlive a fork.
    return ThreadPool(THREADS)
