"""What is done when something falls due: each kind of deadline, and its operation."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from services.bookings.app import App
from services.bookings.domain.deadlines import DeadlineKind
from services.bookings.operations import (
    booking_deadlines,
    closure_claims,
    offer_withdrawal,
    spaces,
    waitlist,
    waitlist_matching,
)
from services.common.storage.deadlines import Handler


def handlers(app: App) -> Mapping[str, Handler]:
    """Kind of deadline → what is done about one."""
    return {
        DeadlineKind.BOOKING: partial(booking_deadlines.run_deadline, app),
        DeadlineKind.CLOSURE: partial(closure_claims.claim_next_block, app),
        DeadlineKind.SPACE_RETIRED: partial(spaces.settle, app),
        DeadlineKind.WAITLIST_ENTRY: partial(waitlist.due, app),
        DeadlineKind.WAITLIST_MATCH: partial(waitlist_matching.match, app),
        DeadlineKind.WAITLIST_OFFERS: partial(offer_withdrawal.withdraw_void_offers, app),
        DeadlineKind.CAPACITY_REDUCED: partial(waitlist.recheck, app),
    }
