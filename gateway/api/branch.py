"""How a resource of a branch is served: ask the branch, hand its answer on.

No rule of a branch is here: what it accepts, who may, and what it says are its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from gateway.web.endpoint import Answer, Incoming, gateway, page, position
from gateway.web.schemas import ListQuery
from services.common.clock import to_wire
from services.common.errors import Invalid, NotFound
from services.common.files.checking import headers_for
from services.common.files.wire import content_of

_HIGHEST_NUMBER = 2**31 - 1
_OF_EVERY_LIST = frozenset(ListQuery().fields)


def ask(incoming: Incoming, branch: str, method: str, **request: Any) -> Any:
    """The result of a branch's method; members that are None are left out of the request.

    Raises:
        errors.MasahaError: the error of the branch, or that it is away.
    """
    sent = {name: value for name, value in request.items() if value is not None}
    return gateway().rpc.call(branch, method, sent, incoming.call)


def one(incoming: Incoming, branch: str, method: str, **request: Any) -> Answer:
    """A resource with a version."""
    found = ask(incoming, branch, method, **request)
    return Answer(found, version=found["version"])


def created(incoming: Incoming, branch: str, method: str, path: str, /, **request: Any) -> Answer:
    """A resource that has just been made; it is found under its id below ``path``."""
    answer = one(incoming, branch, method, **request)
    answer.location = f"{path}/{answer.data['id']}"
    return answer


def changed(incoming: Incoming, branch: str, method: str, identity: str, **request: Any) -> Answer:
    """A resource after a change that expects the version of ``If-Match``. What the client left
    out stays left out, and what it set to null is sent as null."""
    sent = {**request, "id": identity, "expected_version": incoming.expected_version}
    found = gateway().rpc.call(branch, method, sent, incoming.call)
    return Answer(found, version=found["version"])


def unstored(answer: Answer) -> Answer:
    """The answer, kept by nobody on the way: it is about a case."""
    answer.cache_control = "private, no-store"
    return answer


def number_in_path(text: str) -> int:
    """The number of an edition in a path.

    Raises:
        errors.NotFound: if it is none that an edition can have.
    """
    if not (text.isascii() and text.isdecimal() and 0 < int(text) <= _HIGHEST_NUMBER):
        raise NotFound()
    return int(text)


def file(incoming: Incoming, branch: str, method: str, **request: Any) -> Answer:
    """A file that a branch keeps or makes: to be saved, and kept by nobody on the way."""
    return file_answer(ask(incoming, branch, method, **request))


def file_answer(found: dict[str, Any]) -> Answer:
    """The answer that a file is, as a branch gave it."""
    headers = headers_for(found["name"], found["content_type"])
    return Answer(
        None,
        file=content_of(found["content"]),
        content_type=headers.pop("Content-Type"),
        cache_control=headers.pop("Cache-Control"),
        headers=headers,
    )


def listed(incoming: Incoming, branch: str, method: str, **more: Any) -> Answer:
    """A page of a branch's list. Its filters are those of the query, and ``more``."""
    filters = _filters(incoming) | more
    after = position(incoming, filters)
    found = ask(incoming, branch, method, limit=incoming.query["limit"], after=after, **filters)
    beside = {k: v for k, v in found.items() if k not in {"items", "next"}}
    return page(incoming, found["items"], found.get("next"), filters, **beside)


def public(incoming: Incoming, branch: str, method: str, **request: Any) -> tuple[Any, int | None]:
    """A public answer of a branch: fresh where the branch is there, else the last one with its age
    in seconds.

    Raises:
        errors.Unavailable: if the branch is away and nobody has asked this before.
    """
    sent = {name: value for name, value in request.items() if value is not None}
    return gateway().public.get(branch, method, sent, incoming.call)


def public_one(incoming: Incoming, branch: str, method: str, **request: Any) -> Answer:
    """A public resource with a version."""
    found, age = public(incoming, branch, method, **request)
    return Answer(found, version=found["version"], age=age)


def public_listed(incoming: Incoming, branch: str, method: str) -> Answer:
    """A page of a public list, whose filters are those of the query."""
    filters = _filters(incoming)
    after = position(incoming, filters)
    limit = incoming.query["limit"]
    found, age = public(incoming, branch, method, limit=limit, after=after, **filters)
    answer = page(incoming, found["items"], found.get("next"), filters)
    answer.age = age
    return answer


@contextmanager
def pointing_at(parameter: Callable[[str], str]) -> Iterator[None]:
    """Where the branch names a member of its request, name the caller's parameter.

    Args:
        parameter: the pointer to the parameter, for the pointer to the branch's member.
    """
    try:
        yield
    except Invalid as error:
        error.errors = tuple(
            replace(fault, pointer=parameter(fault.pointer)) for fault in error.errors
        )
        raise


def _filters(incoming: Incoming) -> dict[str, Any]:
    """What a list is filtered by: the parameters that not every list has."""
    return {name: _wire(v) for name, v in incoming.query.items() if name not in _OF_EVERY_LIST}


def _wire(value: Any) -> Any:
    return to_wire(value) if isinstance(value, datetime) else value
