"""Who may do what with assessments, recommendations and trajectories.

================================ ============ ===== ====== ====== =======
caller                           instruments  see   score  verify approve
================================ ============ ===== ====== ====== =======
manager                          change       yes   yes    yes    yes
adviser                          see          yes   yes    yes    yes
representative                   see          own   own
member                           see          own
anybody else who is signed in    see
================================ ============ ===== ====== ====== =======

Nobody verifies, or decides for the centre about, the organisation that they belong to.
"""

from __future__ import annotations

from typing import Any

from services.common.authorisation import check_signed_in
from services.common.context import Caller
from services.common.errors import Forbidden, NotFound


def facilitates(caller: Caller) -> bool:
    """Whether the caller leads assessments: an adviser, or a manager."""
    return caller.kind == "person" and ("adviser" in caller.roles or caller.is_manager())


def check_may_see_organisation(caller: Caller, organisation_id: str) -> None:
    """Whether the caller may know how an organisation stands.

    Raises:
        errors.Unauthenticated: for a visitor.
        errors.NotFound: for anybody but its people, advisers and managers.
    """
    check_signed_in(caller)
    if not (caller.belongs_to(organisation_id) or facilitates(caller)):
        raise NotFound()


def check_may_score(caller: Caller, organisation_id: str) -> None:
    """Whether the caller begins an assessment of an organisation, and enters its scores.

    Raises:
        errors.Unauthenticated, errors.NotFound: as :func:`check_may_see_organisation`.
        errors.Forbidden: for a member who does not represent it.
    """
    check_may_see_organisation(caller, organisation_id)
    if not (caller.represents(organisation_id) or facilitates(caller)):
        raise Forbidden()


def check_may_decide(caller: Caller, organisation_id: str) -> None:
    """Whether the caller verifies an assessment of an organisation, or decides on what is
    recommended to it.

    Raises:
        errors.Unauthenticated, errors.NotFound: as :func:`check_may_see_organisation`.
        errors.Forbidden: for people of the organisation.
    """
    check_may_see_organisation(caller, organisation_id)
    if caller.belongs_to(organisation_id) or not facilitates(caller):
        raise Forbidden()


def visible_organisations(caller: Caller) -> dict[str, Any] | None:
    """The query for what belongs to organisations that the caller may see; ``None`` for all."""
    if facilitates(caller):
        return None
    return {"organisation_id": {"$in": sorted(caller.organisations)}}


def visible_instruments(caller: Caller) -> dict[str, Any] | None:
    """The query for the editions that the caller may know of; ``None`` for all."""
    return None if caller.is_manager() else {"status": {"$ne": "draft"}}
