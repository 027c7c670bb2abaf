"""What the events of all branches do to trajectories and recommendations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from services.common.context import SYSTEM
from services.common.contracts.consultations import events as consultations_events
from services.common.events.envelope import CloudEvent
from services.common.storage.mongo import Session
from services.consultations.app import App
from services.consultations.domain.needs_found import needs_found
from services.consultations.domain.recommendation_outcomes import Sign, sign_of
from services.consultations.domain.recommendation_states import PURSUED, RecommendationStatus
from services.consultations.domain.trajectory_facts import RecordedEvent
from services.consultations.steps.recommendations import save_recommendation
from services.consultations.steps.trajectory_facts import fold_events

TRAJECTORY_EVENTS = (
    "bookings.booking.counted",
    "bookings.invitation.called_off",
    "bookings.invitation.replied",
    "bookings.invitation.revoked",
    "consultations.assessment.*",
    "consultations.milestone.dropped",
    "consultations.milestone.reached",
    "consultations.milestone.reopened",
    "trainings.application.completed",
    "trainings.application.not_completed",
)
"""What trajectories are made of. A star stands for any one word."""

CAMPAIGN_CLOSED = consultations_events.CAMPAIGN_CLOSED.name

LOOP_EVENTS = (
    *TRAJECTORY_EVENTS,
    CAMPAIGN_CLOSED,
    "consultations.case.*",
    "trainings.application.cancelled",
    "trainings.application.enrolled",
    "trainings.application.withdrawn",
)

_COUNTED = PURSUED | {RecommendationStatus.ACHIEVED}


def apply_loop_events(app: App, events: Sequence[CloudEvent]) -> None:
    """Take facts of trajectories, outcomes of recommendations and found needs in; each event once.

    Raises:
        Permanent: if an event's data is not what its contract says.
    """

    def work(session: Session, fresh: Sequence[CloudEvent]) -> None:
        fold_events(app.trajectory_facts, map(recorded_event, fresh), session)
        for event in fresh:
            if event.type == CAMPAIGN_CLOSED:
                found = needs_found(event.subject, event.aggregate_version, event.time, event.data)
                app.needs_found.put(session, found)
        _count_outcomes(app, session, fresh)

    app.loop_inbox.apply_once(events, work)


def recorded_event(event: CloudEvent) -> RecordedEvent:
    """An event without its envelope."""
    return RecordedEvent(event.type, event.subject, event.aggregate_version, event.time, event.data)


def _count_outcomes(app: App, session: Session, events: Iterable[CloudEvent]) -> None:
    found = (sign_of(each.type, each.aggregate_version, each.data) for each in events)
    for sign in found:
        if sign is not None:
            _count_outcome(app, session, sign)


def _count_outcome(app: App, session: Session, sign: Sign) -> None:
    before = app.recommendations.pursued(sign.organisation_id, sign.target, _COUNTED, session)
    if before is None:
        return
    outcome = app.recommendation_outcomes.put(session, before.id, sign)
    after = before.with_outcome(outcome)
    if after is not before:
        save_recommendation(
            app,
            SYSTEM,
            session,
            consultations_events.RECOMMENDATION_PROGRESSED,
            before,
            after,
        )
