"""Whether an organisation may be given something, by what the projection and the call say.

Read inside the transaction that gives it. A transaction that began before a suspension arrived may
commit after it; a later request is refused.
"""

from __future__ import annotations

from collections.abc import Collection

from services.bookings.app import App
from services.bookings.domain import organisations as rules
from services.common import authorisation, errors
from services.common.context import Call
from services.common.storage.mongo import Session


def check_may_use(app: App, call: Call, session: Session, organisation_id: str) -> None:
    """Whether something new may be given to the organisation that the request names.

    One that is not approved is nobody else's business: to people of other organisations it is as
    unknown as one that does not exist.

    Raises:
        errors.Invalid: ``bookings.unknown_organisation``.
        errors.Conflict: ``bookings.organisation_not_approved``.
    """
    known = app.organisations.get(organisation_id, session)
    caller = call.caller
    vouched = caller.belongs_to(organisation_id)
    if known is not None and not known.approved and not (vouched or authorisation.is_staff(caller)):
        known = None
    rules.check_may_use(known, vouched=vouched)


def check_still_may(app: App, session: Session, organisation_id: str) -> None:
    """Whether what was accepted from an organisation before may grow, move or be confirmed now.

    Raises:
        errors.Conflict: ``bookings.organisation_not_approved``.
    """
    rules.check_may_use(app.organisations.get(organisation_id, session), vouched=True)


def those_that_still_may(app: App, session: Session, organisation_ids: Collection[str]) -> set[str]:
    """Of several, those that :func:`check_still_may` does not refuse: one question for all."""
    known = app.organisations.find(organisation_ids, session)

    def may(organisation_id: str) -> bool:
        try:
            rules.check_may_use(known.get(organisation_id), vouched=True)
        except errors.Conflict:
            return False
        return True

    return {each for each in organisation_ids if may(each)}


def check_known(app: App, session: Session, organisation_id: str) -> None:
    """Whether there is such an organisation, however it stands.

    Raises:
        errors.Invalid: ``bookings.unknown_organisation``.
    """
    rules.check_known(app.organisations.get(organisation_id, session))
