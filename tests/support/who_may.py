"""Who may call a method of a branch, caller by caller; what a table of rows says of each.

======  ===========================================================================================
Y       let in: answered, or refused by a rule that comes after permission (stale, taken, full)
y       answered, but the thing is not in the list
S       asked to sign in (401)
H       answered as if there were none (404)
F       forbidden (403)
======  ===========================================================================================
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from services.common import errors
from services.common.messaging.rpc import AnswersPing, Rpc

PERMITTED_FIRST = (errors.Stale, errors.Conflict, errors.Invalid)
#: A version that nothing has: a caller who is let in is stale, and nothing changes for the next.
NEVER = 2**40

S = TypeVar("S")


@dataclass(frozen=True)
class Row(Generic[S]):
    """Who may, in the order of the columns; and a request that is the same for all of them.

    Attributes:
        shows: what a list must hold to count as seen.
    """

    who: str
    request: Callable[[S], dict[str, Any]]
    shows: Callable[[S], str] = lambda _: ""


def methods_of(service: type) -> set[str]:
    """What can be called over RPC, but for the ping of every service."""
    return {
        name
        for name, each in inspect.getmembers(service)
        if not hasattr(AnswersPing, name)
        and any(isinstance(way, Rpc) for way in getattr(each, "nameko_entrypoints", ()))
    }


def outcome(
    ask: Callable[[], Any], shown: str = "", letters: Mapping[str, str] | None = None
) -> str:
    """What becomes of a call, as one of the letters above.

    Args:
        ask: makes the call.
        shown: what its answer must hold to count as seen.
        letters: further letters, by the code of the refusal.
    """
    try:
        answer = ask()
    except errors.Unauthenticated:
        return "S"
    except errors.NotFound:
        return "H"
    except errors.Forbidden:
        return "F"
    except PERMITTED_FIRST as refusal:
        return (letters or {}).get(refusal.code, "Y")
    return "Y" if shown in json.dumps(answer, default=str) else "y"
