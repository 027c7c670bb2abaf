"""How a closure takes its time: a small one at once, a large one bit by bit.

A closure's time is claimed under the unique index, as a booking's is; but it may be a hundred
thousand slots, which is seconds of work. So a large closure is first *laid*: its blocks are
written, and a search for free time needs no more. The centre says what is closing
(``Centre.closing``), so that a new booking of this time is refused from then on
(``closure_checks.check_open``). The worker then claims block after block
(:func:`claim_next_block`). The index still decides: a booking that was being made when the closure
was declared holds its slots, is found there, and is listed with the others.

Each step is one transaction, which leaves the next one as a deadline. Killed at any moment, nothing
is lost and nothing is done twice; while no worker is there, the centre keeps the time closed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from services.bookings.app import App
from services.bookings.domain.centre import Closing
from services.bookings.domain.closures import Closure, State
from services.bookings.domain.deadlines import DeadlineKind
from services.common import logs
from services.common.storage.deadlines import Deadline
from services.common.storage.mongo import Session
from services.common.time.period import Period

# Blocks, which are days of a space: so many are claimed with the request; so many in one step of
# the worker, which other deadlines wait for; and so many after a step has failed.
AT_ONCE = 32
A_STEP = 8
AFTER_A_FAILURE = 1

_log = logs.get(__name__)


def claim_closure(
    app: App,
    session: Session,
    closure: Closure,
    leaves: Sequence[str],
    periods: Iterable[Period],
) -> Closure:
    """Take more time for a closure: these leaf spaces in these periods, which adjoin what it has.

    Returns:
        the closure as it is to be stored: in force, or closing.

    Raises:
        RetryTransaction: if a booking got in between.
    """
    for period in periods:
        app.closures.write_blocks(session, closure, leaves, period)
    if closure.state is not State.CLOSING:
        return closure
    if app.closures.unclaimed(session, closure, AT_ONCE + 1) <= AT_ONCE:
        app.closures.claim(session, closure, AT_ONCE)
        stop_claiming(app, session, closure)
        return closure.enforced()
    closing = Closing(closure.id, closure.leaves, closure.period)
    app.centres.add_closing(session, closure.centre_id, closing)
    app.deadlines.set(session, DeadlineKind.CLOSURE, closure.id, app.clock.now())
    return closure


def stop_claiming(app: App, session: Session, closure: Closure) -> None:
    """There is nothing left to take: the closure is in force, or was lifted."""
    app.centres.remove_closing(session, closure.centre_id, closure.id)
    app.deadlines.clear(session, DeadlineKind.CLOSURE, closure.id)


def claim_next_block(app: App, deadline: Deadline) -> None:
    """Claim some more of what a closure is to take; the last step puts it in force.

    Raises:
        LeaseLost: if the closure was changed or lifted meanwhile, or another worker does the same.
    """
    most = A_STEP if deadline.attempts == 1 else AFTER_A_FAILURE

    def work(session: Session) -> Closure | None:
        app.deadlines.finish(session, deadline)
        before = app.closures.get(deadline.subject, session)
        if before.state is not State.CLOSING:
            return None
        claimed = app.closures.claim(session, before, most)
        if claimed.left:
            app.deadlines.set(session, DeadlineKind.CLOSURE, before.id, app.clock.now())
            if claimed.marked:
                # Whom it affects is part of what a closure is.
                app.closures.save(session, before.renewed(app.clock.now()), before.version)
            return None
        after = before.enforced().renewed(app.clock.now())
        app.closures.save(session, after, before.version)
        app.centres.remove_closing(session, after.centre_id, after.id)
        return after

    closure = app.database.transact(work)
    if closure is not None:
        _log.info("closure.in_force", closure=closure.id, since=closure.created_at.isoformat())
