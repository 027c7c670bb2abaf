"""Who may do what in trainings, object by object.

============================= ======= ======== ======= =============
caller                        catalogue cohort  seats   attendance
============================= ======= ======== ======= =============
manager                       change   change   change  change
front desk of the centre      see      change   change  change
trainer of the cohort         see      see      admit   change
representative                see      see      nominate
anybody                       see      see      apply
============================= ======= ======== ======= =============

Drafts of cohorts are seen by managers, the front desk of their centre and their trainers alone.
"""

from __future__ import annotations

from typing import Any

from services.common.authorisation import check_is_manager, check_signed_in, is_staff_of
from services.common.context import Caller
from services.common.errors import Forbidden, NotFound
from services.trainings.domain.cohort_states import PUBLIC
from services.trainings.domain.cohorts import Cohort


def check_may_change_catalogue(caller: Caller) -> None:
    """Whether the caller says what is taught.

    Raises:
        errors.Unauthenticated: for a visitor.
        errors.Forbidden: for anybody but a manager.
    """
    check_is_manager(caller)


def check_runs_cohorts_at(caller: Caller, centre_id: str) -> None:
    """Whether the caller sets up and decides on cohorts of a centre.

    Raises:
        errors.Unauthenticated: for a visitor.
        errors.Forbidden: for anybody but staff of the centre.
    """
    check_signed_in(caller)
    if not is_staff_of(caller, centre_id):
        raise Forbidden()


def check_may_see_cohort(caller: Caller, cohort: Cohort) -> None:
    """Whether the caller may know of a cohort.

    Raises:
        errors.NotFound: of a draft, for anybody but staff of the centre.
    """
    if cohort.status not in PUBLIC and not is_staff_of(caller, cohort.centre_id):
        raise NotFound()


def visible_cohorts(caller: Caller) -> dict[str, Any] | None:
    """The query for the cohorts that the caller may know of; ``None`` for all."""
    if caller.is_manager():
        return None
    return {
        "$or": [
            {"status": {"$in": sorted(PUBLIC)}},
            {"centre_id": {"$in": sorted(caller.desks)}},
        ]
    }
