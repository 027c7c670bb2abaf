"""Reading cases: a case that the caller may know of, and a line in the log where it is sealed."""

from __future__ import annotations

from collections.abc import Iterable

from services.common.authorisation import check_signed_in
from services.common.context import Caller
from services.common.storage.mongo import Session
from services.consultations.app import App
from services.consultations.domain import permissions
from services.consultations.domain.case_access import AccessEntry, Reading, Way, way_of
from services.consultations.domain.cases import Case


def read_case(
    app: App,
    caller: Caller,
    case_id: str,
    what: Reading = Reading.CASE,
    *,
    item_id: str | None = None,
) -> Case:
    """A case that the caller may know of, to be answered; a sealed one is noted in its log first.

    Raises:
        errors.Unauthenticated: for a visitor.
        errors.NotFound: if there is none that the caller may know of.
        errors.Unavailable: if it cannot be noted.
    """
    check_signed_in(caller)
    case = app.cases.get_visible(case_id, caller, app.clock.now())
    record_reading(app, caller, [case], what, item_id=item_id)
    return case


def record_reading(
    app: App,
    caller: Caller,
    cases: Iterable[Case],
    what: Reading,
    *,
    item_id: str | None = None,
    sealed: bool = False,
    way: Way | None = None,
    session: Session | None = None,
) -> None:
    """Note that the caller is about to read of these cases; of open ones nothing is noted.

    Args:
        sealed: note it of an open case too, since what is read is sealed itself.
        way: how the caller comes to see it, where that does not follow from the case.
    """
    now = app.clock.now()
    app.access_log.record(
        [
            AccessEntry(
                id=app.new_id(),
                case_id=each.id,
                person_id=caller.id,
                what=what,
                way=way
                or way_of(caller.id, permissions.is_on_case(caller, each), each.grants, now),
                at=now,
                item_id=item_id,
            )
            for each in cases
            if each.sealed or sealed
        ],
        session,
    )


def is_insider(app: App, caller: Caller, case: Case) -> bool:
    """Whether the caller may read what is sealed within a case that the caller sees: its people,
    and who has a break-glass grant."""
    on_it = permissions.is_on_case(caller, case)
    way = way_of(caller.id, on_it, case.grants, app.clock.now())
    return caller.kind == "person" and way is not Way.OPEN_TO


def case_to_write(app: App, caller: Caller, case_id: str, session: Session | None = None) -> Case:
    """A case that the caller is on, to write something down in it.

    Raises:
        errors.Unauthenticated, errors.NotFound: for who may not know of it.
        errors.Forbidden: for who sees it and is not on it.
    """
    check_signed_in(caller)
    case = app.cases.get_visible(case_id, caller, app.clock.now(), session)
    permissions.check_on_case(caller, case)
    return case
