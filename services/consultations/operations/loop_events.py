"""What the events of all branches do to trajectories and recommendations."""

from __future__ import annotations

from collections.abc import Sequence

from services.common.context import SYSTEM
from services.common.contracts.consultations import events as consultations_events
from services.common.events.envelope import CloudEvent
from services.common.storage.mongo import Session
from services.consultations.app import App
from services.consultations.domain.needs_found import needs_found
from services.consultations.domain.recommendation_outcomes import CASE_GONE, sign_of
from services.consultations.domain.recommendation_states import PURSUED, RecommendationStatus
from services.consultations.domain.recommendations import Outcome, Recommendation
from services.consultations.domain.trajectory_facts import TYPES, RecordedEvent
from services.consultations.steps.recommendations import save_recommendation
from services.consultations.steps.trajectory_facts import fold_events

CAMPAIGN_CLOSED = consultations_events.CAMPAIGN_CLOSED.name

_OF_CASES = "consultations.case."
LOOP_EVENTS = (
    *(each for each in TYPES if not each.startswith(_OF_CASES)),
    CAMPAIGN_CLOSED,
    f"{_OF_CASES}*",
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


def _count_outcomes(app: App, session: Session, events: Sequence[CloudEvent]) -> None:
    """Note what the events say of recommendations that are pursued: one question for a batch."""
    signs = {each.id: sign_of(each.type, each.aggregate_version, each.data) for each in events}
    organisations = {each.organisation_id for each in signs.values() if each is not None}
    pursued = app.recommendations.newest_of(organisations, _COUNTED, session)
    for event in events:
        if event.type == CASE_GONE:
            _forget_case(app, session, event)
        sign = signs[event.id]
        before = None if sign is None else pursued.get((sign.organisation_id, sign.target))
        if sign is not None and before is not None:
            outcome = app.recommendation_outcomes.put(session, before.id, sign)
            after = _save_outcome(app, session, before, outcome)
            pursued[sign.organisation_id, sign.target] = after


def _forget_case(app: App, session: Session, event: CloudEvent) -> None:
    """What is sealed does not count any more."""
    found = app.recommendation_outcomes.forget(session, event.subject, event.aggregate_version)
    for recommendation_id, outcome in found.items():
        _save_outcome(app, session, app.recommendations.get(recommendation_id, session), outcome)


def _save_outcome(
    app: App, session: Session, before: Recommendation, outcome: Outcome
) -> Recommendation:
    after = before.with_outcome(outcome)
    if after is not before:
        progressed = consultations_events.RECOMMENDATION_PROGRESSED
        save_recommendation(app, SYSTEM, session, progressed, before, after)
    return after
