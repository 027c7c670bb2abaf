"""Who may do what with a booking, object by object.

============================ ====== ====== =========
caller                       see    book   change
============================ ====== ====== =========
manager                      yes    yes    yes
front desk of the centre     yes    yes    yes
representative               own    own    own
member who booked            own    own    own
other member                 own    own    no
anybody else                 no     no     no
============================ ====== ====== =========

Approving, rejecting, correcting a no-show and checking in without a code are for staff of the
centre; members check in with the booking's door code, which only the organisation's people are
given. Staff of a centre close its spaces, and read its closures, its day sheet, and who has changed
what can be booked there. Budgets are seen by the organisation's people and by staff, and set by
managers, who alone may book beyond them.

"Own" means: of an organisation that the caller belongs to; the centre's own use is of none. A
caller who may not see a booking gets the answer that there is none. Series and waitlist entries are
seen and changed by the same rules.
"""

from __future__ import annotations

from typing import Protocol

from services.bookings.domain.booking import Booking
from services.common.authorisation import (
    Owned,
    check_is_manager,
    check_is_staff,
    check_may_see,
    check_signed_in,
    is_staff,
    is_staff_of,
)
from services.common.context import Caller
from services.common.contracts.bookings.errors import (
    NOT_OF_CENTRE,
    NOT_OF_ORGANISATION,
    ORGANISATION_NOT_APPROVED,
)
from services.common.errors import FieldError, Forbidden, NotFound


class Booked(Owned, Protocol):
    """What a person has at a centre, for an organisation: a booking, a series, a place in line."""

    @property
    def booked_by(self) -> str: ...


def check_may_book(caller: Caller, organisation_id: str | None, centre_id: str) -> None:
    """Whether the caller books at the centre for the organisation, or for its own use.

    Raises:
        errors.Unauthenticated: for a visitor.
        errors.Forbidden: ``bookings.not_of_organisation``; for the front desk of another centre
            ``bookings.not_of_centre``.
        errors.Conflict: ``bookings.organisation_not_approved`` for its own people.
    """
    check_signed_in(caller)
    if caller.belongs_to(organisation_id) or is_staff_of(caller, centre_id):
        return
    if organisation_id in caller.not_approved:
        # Their own people may know what prevents the change; to others it does not exist.
        raise ORGANISATION_NOT_APPROVED(
            errors=[FieldError("/organisation_id", ORGANISATION_NOT_APPROVED.code)]
        )
    raise NOT_OF_CENTRE() if caller.desks else NOT_OF_ORGANISATION()


def check_may_change(caller: Caller, booking: Booked) -> None:
    """Raises:
    errors.NotFound: if the caller may not even see it.
    errors.Forbidden: for a member who neither booked it nor represents the organisation.
    """
    check_may_see(caller, booking)
    if not (
        caller.represents(booking.organisation_id)
        or caller.id == booking.booked_by
        or is_staff_of(caller, booking.centre_id)
    ):
        raise Forbidden()


def check_may_decide(caller: Caller, booking: Booking) -> None:
    """Whether the caller decides for the centre: approves, rejects, corrects a no-show.

    Raises:
        errors.NotFound: if the caller may not even see it.
        errors.Forbidden: for anybody but staff of the centre.
    """
    check_may_see(caller, booking)
    if not is_staff_of(caller, booking.centre_id):
        raise Forbidden()


def check_may_go_beyond_budget(caller: Caller) -> None:
    """Raises:
    errors.Forbidden: for anybody but a manager.
    """
    if not caller.is_manager():
        raise Forbidden()


def check_may_see_budget(caller: Caller, organisation_id: str) -> None:
    """Members see their own; staff of any centre see all, because they book for all.

    Raises:
        errors.Unauthenticated: for a visitor.
        errors.NotFound: for everybody else.
    """
    check_signed_in(caller)
    if not (caller.belongs_to(organisation_id) or is_staff(caller)):
        raise NotFound()


def check_may_set_budget(caller: Caller, organisation_id: str) -> None:
    """Raises:
    errors.Unauthenticated, errors.NotFound: if the caller may not even see it.
    errors.Forbidden: for anybody but a manager.
    """
    check_may_see_budget(caller, organisation_id)
    check_is_manager(caller)


def sees_door_code(caller: Caller, booking: Booking) -> bool:
    """The code is for the organisation's own people; staff do not need it, nobody else gets it."""
    return caller.belongs_to(booking.organisation_id)


def check_may_read_reports(caller: Caller) -> None:
    """Managers read of every centre, front desks of their own.

    Raises:
        errors.Unauthenticated: for a visitor.
        errors.Forbidden: for everybody else.
    """
    check_is_staff(caller)


def check_may_set_up(caller: Caller) -> None:
    """Whether the caller says what there is to book, when, and by which rules.

    Raises:
        errors.Unauthenticated: for a visitor.
        errors.Forbidden: for anybody but a manager.
    """
    check_is_manager(caller)
