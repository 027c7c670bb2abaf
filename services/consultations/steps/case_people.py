"""Who is on a case now, by what has arrived of memberships and roles.

A case names its people for good: the history of it is theirs. Who has left the organisation, or has
the role of an adviser no more, is not one of them any more. News of both may be late, so a person
counts about whom nothing is known.
"""

from __future__ import annotations

from collections.abc import Collection

from services.common.directory.people import ADVISER, FRONT_DESK, MANAGER
from services.common.storage.mongo import Session
from services.consultations.app import App
from services.consultations.domain.cases import Case


def present_people(app: App, session: Session, case: Case) -> frozenset[str]:
    """The people of a case without those who are not on it any more."""
    roles = app.directory.roles_of(case.people, session)
    belongs = app.directory.memberships_of(case.organisation_id, case.people, session)
    advisers = set(case.adviser_ids)
    if case.opened_by != case.requester_id and not belongs.get(case.opened_by):
        # An adviser who has written it down.
        advisers.add(case.opened_by)

    def is_present(person_id: str) -> bool:
        held = roles.get(person_id)
        if held is not None and held.gone:
            return False
        if person_id in advisers:
            works = held is None or ADVISER in held.roles
            return works or belongs.get(person_id, False)
        return belongs.get(person_id, True)

    return frozenset(filter(is_present, case.people))


def readers_among(
    app: App, session: Session, case: Case, person_ids: Collection[str]
) -> frozenset[str]:
    """Those of these people who may read a case without a break-glass grant: its own people; of an
    open one also members of the organisation, the front desk of the centre, and managers.

    ``store/case_access.py`` has the same for the caller.
    """
    wanted = frozenset(person_ids)
    found = present_people(app, session, case) & wanted
    if case.sealed or not wanted - found:
        return found
    belongs = app.directory.memberships_of(case.organisation_id, wanted, session)
    staff = {
        *(each.person_id for each in app.directory.staff(FRONT_DESK, case.centre_id, session)),
        *(each.person_id for each in app.directory.staff(MANAGER, session=session)),
    }
    return found | {each for each in wanted if belongs.get(each) or each in staff}
