"""Sends one queued message, and notes what became of it. Runs in the worker.

A send cannot be exactly once: the process may die between the provider's answer and our note of
it. So the attempt is noted before it is made. The worker that finds that note later, without an
outcome, notes ``unknown``, waits a little, and sends again under the same key (see
:class:`services.notifications.domain.delivery.State` for why again rather than never).

Messages wait for different times, in a queue or for a mail server, so a later one may be due before
an earlier one about the same. Nobody may believe the earlier one then: what was overtaken is
``skipped``, at the moment of sending, and what has begun is waited for. A member who has left the
organisation meanwhile gets no more messages: its bookings are their business no longer.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from services.common import logs, spans
from services.common.context import SYSTEM
from services.common.contracts.notifications.events import (
    DELIVERY_FAILED,
    DELIVERY_SENT,
    DELIVERY_SKIPPED,
)
from services.common.storage.deadlines import Deadline
from services.common.storage.leases import LeaseLost
from services.common.storage.mongo import Session
from services.notifications.app import App
from services.notifications.channels.outgoing import Outcome, Outgoing, Unreachable
from services.notifications.domain import rules
from services.notifications.domain.delivery import Case, Delivery, State, pause_after
from services.notifications.metrics import DELIVERIES
from services.notifications.schemas import delivery_event

_log = logs.get(__name__)

_EVENTS = {
    State.SENT: DELIVERY_SENT,
    State.FAILED: DELIVERY_FAILED,
    State.SKIPPED: DELIVERY_SKIPPED,
}

# Most attempts take less; one of a worker that died is noted as such after the lease, 60 s.
WAITS = timedelta(seconds=1)


def deliver(app: App, deadline: Deadline) -> None:
    """Make the next attempt of a delivery.

    Raises:
        LeaseLost: if another worker has it.
    """
    case = app.deliveries.read_case(deadline.subject)
    if case is None or case.delivery.over:
        # A slow sender has ended it between the claim and this look.
        app.due.drop(deadline)
        return
    described = {"messaging.operation.name": "deliver", "masaha.channel": case.delivery.channel}
    name, parent = f"deliver {case.delivery.channel}", case.delivery.traceparent
    with (
        spans.span(name, spans.CLIENT, parent, described) as traceparent,
        logs.bound(traceparent),
    ):
        if case.delivery.state is State.ATTEMPTING:
            _settle(app, case.delivery, Outcome(State.UNKNOWN, "no outcome was noted"))
        elif (reason := case.why_not()) is not None:
            _settle(app, case.delivery, Outcome(State.SKIPPED, reason))
        elif _nothing_earlier_can_follow(app, case):
            _attempt(app, case)
        else:
            app.due.wait(deadline, app.clock.now() + WAITS)


def close_idle_channels(app: App) -> None:
    """Nothing is to be delivered for now: no channel need keep a way open in this thread."""
    for channel in app.channels.values():
        if isinstance(channel, Outgoing):
            channel.close_idle()


def _nothing_earlier_can_follow(app: App, case: Case) -> bool:
    """End what this message overtakes; false if some of it is being sent just now."""
    if case.follows_too_closely:
        return False
    try:
        for earlier, reason in case.overtaken():
            _settle(app, earlier, Outcome(State.SKIPPED, reason))
    except LeaseLost:
        # Another sender has begun with it, or ended it, since we looked.
        return False
    return True


def _attempt(app: App, case: Case) -> None:
    delivery, contact = case.delivery, case.contact
    channel = app.channels[delivery.channel]
    if not isinstance(channel, Outgoing):
        raise TypeError(f"{delivery.channel} keeps its messages; it sends none")
    if contact is None:
        # The message came before its recipient's contact; that counts as an attempt, for an end.
        _settle(
            app,
            delivery,
            Outcome(State.QUEUED, "the recipient's contact is not known yet"),
            attempts=delivery.attempts + 1,
        )
        return
    try:
        send = channel.prepare(delivery, contact)
    except Unreachable as error:
        _settle(app, delivery, Outcome(State.FAILED, str(error)))
        return
    if not app.deliveries.begin(delivery, app.clock.now()):
        raise LeaseLost(delivery.id)
    _settle(app, replace(delivery, attempts=delivery.attempts + 1), send())


def _settle(app: App, delivery: Delivery, outcome: Outcome, *, attempts: int | None = None) -> None:
    """Note the outcome with when it is due again, and record its event if it is final, in one
    transaction.

    A later attempt, noted by a higher number, makes it ``Lost``. Of sealed news no event is
    recorded: it would tell who is on a case.
    """
    count = delivery.attempts if attempts is None else attempts
    now = app.clock.now()
    state, reason = outcome.state, outcome.reason
    pause = pause_after(count) if state in (State.QUEUED, State.UNKNOWN) else None
    if state is State.QUEUED and pause is None:
        state, reason = State.FAILED, f"given up: {reason}"

    def work(session: Session) -> None:
        noted = app.deliveries.settle(
            session,
            delivery,
            state,
            now,
            attempts=count,
            reason=reason,
            again_at=None if pause is None else now + pause,
        )
        if not noted:
            raise LeaseLost(delivery.id)
        if state in _EVENTS and not rules.is_sealed(delivery.event_type):
            app.outbox.record(
                session,
                _EVENTS[state],
                subject=delivery.id,
                version=delivery.version + 1,
                data=delivery_event(delivery, state),
                caller=SYSTEM,
            )

    app.database.transact(work)
    DELIVERIES.labels(delivery.channel, state.value).inc()
    _log.info("delivery.settled", state=state.value, attempts=count, reason=reason)
