"""Who is on a case now, by what has arrived of memberships and roles.

A case names its people for good: the history of it is theirs. Who has left the organisation, or has
the role of an adviser no more, is not one of them any more. News of both may be late, so a person
counts about whom nothing is known.
"""

from __future__ import annotations

from services.common.directory.people import ADVISER
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
