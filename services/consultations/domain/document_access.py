"""Who may do what with working documents, organisation by organisation.

=============================== ======= ========
caller                          see     change
=============================== ======= ========
people of the organisation      yes     yes
advisers of a case of it        yes     yes
manager                         yes     no
anybody else                    no      no
=============================== ======= ========

A change is an edition, or a comment. Documents are the organisation's own: what an adviser writes
there, all its people read.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from services.common.authorisation import check_signed_in
from services.common.context import Caller
from services.common.errors import Forbidden, NotFound


def may_change_documents(caller: Caller, organisation_id: str, *, advises: bool) -> bool:
    """Whether the caller writes in the documents of an organisation.

    Args:
        advises: whether the caller is an adviser of a case of it.
    """
    return advises or caller.belongs_to(organisation_id)


def check_may_see_documents(caller: Caller, organisation_id: str, *, advises: bool) -> None:
    """Raises:
    errors.Unauthenticated: for a visitor.
    errors.NotFound: for anybody but people of the organisation, its advisers and managers.
    """
    check_signed_in(caller)
    if not (caller.is_manager() or may_change_documents(caller, organisation_id, advises=advises)):
        raise NotFound()


def check_may_change_documents(caller: Caller, organisation_id: str, *, advises: bool) -> None:
    """Raises:
    errors.Unauthenticated, errors.NotFound: as of :func:`check_may_see_documents`.
    errors.Forbidden: for a manager.
    """
    check_may_see_documents(caller, organisation_id, advises=advises)
    if not may_change_documents(caller, organisation_id, advises=advises):
        raise Forbidden()


def visible_documents(caller: Caller, advised: Collection[str]) -> dict[str, Any] | None:
    """The query for the documents that the caller may see; ``None`` for all.

    Args:
        advised: the organisations whose adviser the caller is.
    """
    if caller.is_manager():
        return None
    return {"organisation_id": {"$in": sorted({*caller.organisations, *advised})}}
