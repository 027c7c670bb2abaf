"""How a resource of a branch is served: ask the branch, hand its answer on.

No rule of a branch is here: what it accepts, who may, and what it says are its own.
"""

from __future__ import annotations

from typing import Any

from gateway.api.endpoint import Answer, Incoming, gateway, page, position
from services.common.clock import to_wire


def ask(incoming: Incoming, branch: str, method: str, **request: Any) -> Any:
    """The result of a branch's method; members that are None are left out of the request.

    Raises:
        errors.MasahaError: what the branch tells, or that it is away.
    """
    sent = {name: value for name, value in request.items() if value is not None}
    return gateway().rpc.call(branch, method, sent, incoming.call)


def one(incoming: Incoming, branch: str, method: str, **request: Any) -> Answer:
    """A resource with a version."""
    found = ask(incoming, branch, method, **request)
    return Answer(found, version=found["version"])


def changed(incoming: Incoming, branch: str, method: str, identity: str, **request: Any) -> Answer:
    """A resource after a change that expects the version of ``If-Match``. What the client left
    out stays left out, and what it set to null is sent as null."""
    sent = {**request, "id": identity, "expected_version": incoming.expected_version}
    found = gateway().rpc.call(branch, method, sent, incoming.call)
    return Answer(found, version=found["version"])


def listed(incoming: Incoming, branch: str, method: str, **filters: Any) -> Answer:
    """A page of a branch's list."""
    wire = {name: _wire(value) for name, value in filters.items()}
    after = position(incoming, wire)
    found = ask(incoming, branch, method, limit=incoming.query["limit"], after=after, **wire)
    more = {k: v for k, v in found.items() if k not in {"items", "next"}}
    return page(incoming, found["items"], found.get("next"), wire, **more)


def public(incoming: Incoming, method: str, **request: Any) -> tuple[Any, int | None]:
    """A public answer of bookings: fresh where the branch is there, else the last one with its age
    in seconds.

    Raises:
        errors.Unavailable: if the branch is away and nobody has asked this before.
    """
    sent = {name: value for name, value in request.items() if value is not None}
    return gateway().public.get("bookings", method, sent, incoming.call)


def _wire(value: Any) -> Any:
    return to_wire(value) if hasattr(value, "astimezone") else value
