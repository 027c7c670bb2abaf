"""That offers of the waitlist may have become impossible: every cause leaves a deadline, which
``offer_withdrawal.py`` answers at once.
"""

from __future__ import annotations

from services.bookings.app import App
from services.bookings.domain.deadlines import DeadlineKind
from services.common.storage.mongo import Session


def schedule_offer_check(app: App, session: Session, cause: str, **narrowed: str) -> None:
    """Have the offers of a centre or an organisation looked at.

    Args:
        cause: what has changed, of its own for each change.
        narrowed: ``centre_id`` or ``organisation_id``.
    """
    app.deadlines.set(session, DeadlineKind.WAITLIST_OFFERS, cause, app.clock.now(), dict(narrowed))
