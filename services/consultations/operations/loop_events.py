"""What the events of all branches do to trajectories and recommendations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from services.common.context import SYSTEM
from services.common.contracts.consultations import events as consultations_events
from services.common.events.envelope import CloudEvent
from services.common.storage.mongo import Session
from services.consultations.app import App
from services.consultations.domain.needs_found import needs_found
from services.consultations.domain.recommendation_outcomes import sign_of
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
    """Note what the events say of recommendations that are pursued: one question for a batch."""
    signs = [
        sign
        for each in events
        if (sign := sign_of(each.type, each.aggregate_version, each.data)) is not None
    ]
    organisations = {each.organisation_id for each in signs}
    pursued = app.recommendations.newest_of(organisations, _COUNTED, session)
    for sign in signs:
        key = sign.organisation_id, sign.target
        before = pursued.get(key)
        if before is None:
            continue
        outcome = app.recommendation_outcomes.put(session, before.id, sign)
        after = before.with_outcome(outcome)
        if after is not before:
            progressed = consultations_events.RECOMMENDATION_PROGRESSED
            save_recommendation(app, SYSTEM, session, progressed, before, after)
            pursued[key] = after
