"""Who is asking, as far as every branch asks alike. What they may do is a branch's own table.

Who may not know of a thing is answered as if there were none (``NotFound``); who may know of it and
may not do this, is refused (``Forbidden``).
"""

from __future__ import annotations

from typing import Any, Protocol

from services.common.context import Caller
from services.common.errors import Forbidden, NotFound, Unauthenticated


class Owned(Protocol):
    """What an organisation has at a centre, or what is the centre's own use."""

    @property
    def organisation_id(self) -> str | None: ...
    @property
    def centre_id(self) -> str: ...


def is_staff(caller: Caller) -> bool:
    """Whether the caller works for some centre: a front desk, or a manager."""
    return caller.is_manager() or bool(caller.desks)


def is_staff_of(caller: Caller, centre_id: str) -> bool:
    """Whether the caller works for this centre: its front desk, or a manager."""
    return caller.is_manager() or caller.is_front_desk_of(centre_id)


def check_signed_in(caller: Caller) -> None:
    """Raises:
    errors.Unauthenticated: for a visitor.
    """
    if caller.kind == "visitor":
        raise Unauthenticated()


def check_is_staff(caller: Caller) -> None:
    """Raises:
    errors.Unauthenticated: for a visitor.
    errors.Forbidden: for anybody but staff of some centre.
    """
    check_signed_in(caller)
    if not is_staff(caller):
        raise Forbidden()


def check_works_at(caller: Caller, centre_id: str) -> None:
    """Raises:
    errors.Unauthenticated: for a visitor.
    errors.Forbidden: for anybody but staff of the centre.
    """
    check_signed_in(caller)
    if not is_staff_of(caller, centre_id):
        raise Forbidden()


def check_is_manager(caller: Caller) -> None:
    """Raises:
    errors.Unauthenticated: for a visitor.
    errors.Forbidden: for anybody but a manager.
    """
    check_signed_in(caller)
    if not caller.is_manager():
        raise Forbidden()


def check_may_see(caller: Caller, thing: Owned) -> None:
    """Of one thing what :func:`visible_to` says of a list.

    Raises:
        errors.NotFound: for anybody but people of the organisation and staff of the centre.
    """
    if not (caller.belongs_to(thing.organisation_id) or is_staff_of(caller, thing.centre_id)):
        raise NotFound()


def visible_to(caller: Caller) -> dict[str, Any] | None:
    """The query for what the caller may see, of things with ``organisation_id`` and ``centre_id``;
    ``None`` for all."""
    if caller.is_manager():
        return None
    return {
        "$or": [
            {"organisation_id": {"$in": sorted(caller.organisations)}},
            {"centre_id": {"$in": sorted(caller.desks)}},
        ]
    }
