"""Who may do what in the calendars of advisers. Meetings are seen by who may know of the case.

============================ ======= ======== ======== ====== ========= ======
caller                       profile absences meetings report its check trips
============================ ======= ======== ======== ====== ========= ======
manager                      change  change   open     no     open      change
front desk of the centre     see     no       open     no     open      change
the adviser                  hours   change   change   write  no        change
another adviser              see     no       no       no     no        no
others on the case           no      no       change   no     sealed    no
representative               no      no       open     no     no        no
anybody                      no      no       no       no     no        no
============================ ======= ======== ======== ====== ========= ======

"Open" is of cases that are not sealed. Who sees a meeting and arranges none, such as another member
of the organisation, is refused.
"""

from __future__ import annotations

from typing import Any

from services.common.authorisation import check_signed_in, is_staff, is_staff_of
from services.common.context import Caller
from services.common.errors import Forbidden, NotFound
from services.consultations.domain.absences import Absence
from services.consultations.domain.advisers import Adviser
from services.consultations.domain.cases import Case
from services.consultations.domain.permissions import is_adviser, is_on_case, speaks_from_within
from services.consultations.domain.trips import Trip
from services.consultations.domain.visits import Side, Visit

OF_ADVISER = frozenset({"languages", "time_zone", "working_hours", "breaks", "buffer"})
"""What advisers say of themselves."""


def is_person(caller: Caller, person_id: str) -> bool:
    """Whether the caller is this person."""
    return caller.kind == "person" and caller.id == person_id


def check_sees_advisers(caller: Caller) -> None:
    """Raises:
    errors.Unauthenticated: for a visitor.
    errors.Forbidden: for anybody but staff and advisers.
    """
    check_signed_in(caller)
    if not (is_staff(caller) or is_adviser(caller)):
        raise Forbidden()


def check_changes_adviser(caller: Caller, adviser: Adviser, changed: frozenset[str]) -> None:
    """Whether the caller may change this of a profile.

    Raises:
        errors.Forbidden: for anybody but managers, and the adviser for what is of the adviser.
    """
    own = is_person(caller, adviser.id) and changed <= OF_ADVISER
    if not (own or caller.is_manager()):
        raise Forbidden()


def check_enters_absence(caller: Caller, adviser_id: str) -> None:
    """Raises:
    errors.Unauthenticated: for a visitor.
    errors.Forbidden: for anybody but the adviser and managers.
    """
    check_signed_in(caller)
    if not (is_person(caller, adviser_id) or caller.is_manager()):
        raise Forbidden()


def check_sees_absence(caller: Caller, absence: Absence) -> None:
    """Raises:
    errors.NotFound: for anybody but the adviser and managers.
    """
    if not (is_person(caller, absence.adviser_id) or caller.is_manager()):
        raise NotFound()


def visible_absences(caller: Caller) -> dict[str, Any] | None:
    """The query for the absences that the caller may know of; ``None`` for all."""
    if caller.is_manager():
        return None
    return {"adviser_id": caller.id if caller.kind == "person" else ""}


def check_arranges(caller: Caller, case: Case) -> None:
    """Whether the caller makes and moves the meetings of a case that the caller sees.

    Raises:
        errors.Forbidden: for anybody but its people, and of an open one representatives of the
            organisation and staff of the centre.
    """
    own = is_on_case(caller, case)
    open_to = caller.represents(case.organisation_id) or is_staff_of(caller, case.centre_id)
    if not own and (case.sealed or not open_to):
        raise Forbidden()


def side_of(caller: Caller, case: Case) -> Side:
    """For whom the caller speaks when the caller arranges a visit."""
    adviser = is_adviser(caller) and caller.id in case.adviser_ids
    staff = is_staff_of(caller, case.centre_id)
    requester = caller.id == case.requester_id and speaks_from_within(caller, case.organisation_id)
    own = requester or caller.represents(case.organisation_id)
    return Side.CENTRE if (adviser or staff) and not own else Side.ORGANISATION


def check_answers_visit(caller: Caller, case: Case, visit: Visit) -> None:
    """Whether the caller accepts or declines a visit: its adviser where the organisation has asked
    for it, else the organisation.

    Raises:
        errors.Forbidden: for anybody else.
    """
    check_arranges(caller, case)
    if visit.answers is Side.CENTRE:
        if not is_person(caller, visit.adviser_id):
            raise Forbidden()
    elif side_of(caller, case) is not Side.ORGANISATION:
        raise Forbidden()


def check_holds(caller: Caller, case: Case, adviser_id: str) -> None:
    """Whether the caller says that a meeting was held: its adviser, and of an open case staff of
    the centre.

    Raises:
        errors.Forbidden: for anybody else.
    """
    staff = not case.sealed and is_staff_of(caller, case.centre_id)
    if not (is_person(caller, adviser_id) or staff):
        raise Forbidden()


def check_is_adviser_of(caller: Caller, adviser_id: str) -> None:
    """Raises:
    errors.Forbidden: for anybody but this adviser.
    """
    if not is_person(caller, adviser_id):
        raise Forbidden()


def check_checks_report(caller: Caller, case: Case, visit: Visit) -> None:
    """Whether the caller approves the report of a visit: staff of the centre, of a sealed case
    others on it; never the adviser who wrote it.

    Raises:
        errors.Forbidden: for anybody else.
    """
    may = is_on_case(caller, case) if case.sealed else is_staff_of(caller, case.centre_id)
    if not may or is_person(caller, visit.adviser_id):
        raise Forbidden()


def check_hands_over(caller: Caller, case: Case, adviser_id: str) -> None:
    """Whether the caller gives a meeting to another adviser: its adviser, another one on the case,
    and of an open case staff of the centre.

    Raises:
        errors.Forbidden: for anybody else.
    """
    if not (is_adviser(caller) and caller.id in case.adviser_ids):
        check_holds(caller, case, adviser_id)


def check_plans_for(caller: Caller, adviser_id: str, centre_id: str) -> None:
    """Whether the caller plans trips and consulting hours of an adviser at a centre.

    Raises:
        errors.Unauthenticated: for a visitor.
        errors.Forbidden: for anybody but the adviser and staff of the centre.
    """
    check_signed_in(caller)
    if not (is_person(caller, adviser_id) or is_staff_of(caller, centre_id)):
        raise Forbidden()


def check_sees_plan(caller: Caller, adviser_id: str, centre_id: str) -> None:
    """Raises:
    errors.NotFound: for anybody but the adviser and staff of the centre.
    """
    if not (is_person(caller, adviser_id) or is_staff_of(caller, centre_id)):
        raise NotFound()


def check_sees_trip(caller: Caller, trip: Trip) -> None:
    """Raises:
    errors.NotFound: for anybody but its adviser and staff of the centre.
    """
    check_sees_plan(caller, trip.adviser_id, trip.centre_id)


def visible_plans(caller: Caller) -> dict[str, Any] | None:
    """The query for the trips and consulting hours that the caller may know of; ``None`` for
    all."""
    if caller.is_manager():
        return None
    own = caller.id if caller.kind == "person" else ""
    return {"$or": [{"adviser_id": own}, {"centre_id": {"$in": sorted(caller.desks)}}]}
