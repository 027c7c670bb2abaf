"""Recommendations within a transaction: proposed in place of earlier proposals, and recorded."""

from __future__ import annotations

from collections.abc import Sequence

from services.common.context import Caller
from services.common.contracts.consultations import events
from services.common.contracts.registry import EventType
from services.common.history.steps import record_change
from services.common.storage.mongo import Session
from services.consultations.app import App
from services.consultations.domain.recommendation_states import (
    PURSUED,
    RecommendationAction,
    RecommendationStatus,
)
from services.consultations.domain.recommendations import Origin, Proposal, Recommendation


def propose_recommendations(
    app: App,
    caller: Caller,
    session: Session,
    organisation_id: str,
    origin: Origin,
    origin_id: str,
    proposals: Sequence[Proposal],
) -> list[Recommendation]:
    """Put these proposals in place of those that nobody has decided on.

    What is pursued already is not proposed again.

    Args:
        proposals: by rank.
    """
    supersede_recommendations(app, caller, session, organisation_id)
    pursued = app.recommendations.of_organisation(organisation_id, PURSUED, session)
    taken = {each.target for each in pursued}
    found = [
        Recommendation(
            id=app.new_id(),
            organisation_id=organisation_id,
            origin=origin,
            origin_id=origin_id,
            target=each.target,
            terms=each.terms,
            rank=rank,
            proposed_at=app.clock.now(),
            domain_id=each.domain_id,
            items=each.items,
        )
        for rank, each in enumerate((p for p in proposals if p.target not in taken), 1)
    ]
    for each in found:
        app.recommendations.add(session, each)
        record_recommendation_event(
            app, caller, session, events.RECOMMENDATION_PROPOSED, None, each
        )
    return found


def supersede_recommendations(
    app: App, caller: Caller, session: Session, organisation_id: str
) -> None:
    """End the proposals that nobody has decided on, since newer scores take their place."""
    waiting = app.recommendations.of_organisation(
        organisation_id, {RecommendationStatus.PROPOSED}, session
    )
    for before in waiting:
        after = before.moved(RecommendationAction.SUPERSEDE)
        save_recommendation(app, caller, session, events.RECOMMENDATION_SUPERSEDED, before, after)


def save_recommendation(
    app: App,
    caller: Caller,
    session: Session,
    event_type: EventType,
    before: Recommendation,
    after: Recommendation,
    reason: str | None = None,
) -> None:
    """Store a changed recommendation with its event and the entry of its history."""
    app.recommendations.save(session, after, before.version)
    record_recommendation_event(app, caller, session, event_type, before, after, reason)


def record_recommendation_event(
    app: App,
    caller: Caller,
    session: Session,
    event_type: EventType,
    before: Recommendation | None,
    after: Recommendation,
    reason: str | None = None,
) -> None:
    """Record the event of the new version, and the entry of its history.

    Args:
        before: nothing where it is new.
    """
    app.outbox.record(
        session,
        event_type,
        subject=after.id,
        version=after.version,
        data={
            "recommendation_id": after.id,
            "organisation_id": after.organisation_id,
            "origin": after.origin.value,
            "origin_id": after.origin_id,
            "help": after.target.help.value,
            "target_id": after.target.id,
            "rank": after.rank,
            "status": after.status.value,
            "version": after.version,
            "changed_by": caller.id,
        },
        caller=caller,
    )
    was = before.facts if before else None
    record_change(app, caller, session, after, was, after.facts, reason)
