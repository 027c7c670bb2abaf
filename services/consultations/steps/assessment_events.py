"""What a change of an assessment records: its event, and an entry of its history."""

from __future__ import annotations

from typing import Any

from services.common.context import Caller
from services.common.contracts.registry import EventType
from services.common.history.steps import record_change
from services.common.storage.mongo import Session
from services.consultations.app import App
from services.consultations.domain.assessments import Assessment
from services.consultations.domain.instruments import Instrument
from services.consultations.domain.scores import in_decimals, means_by_topic, result_of


def record_assessment_event(
    app: App,
    caller: Caller,
    session: Session,
    event_type: EventType,
    before: Assessment | None,
    after: Assessment,
    instrument: Instrument,
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
            "assessment_id": after.id,
            "organisation_id": after.organisation_id,
            "instrument_id": after.instrument_id,
            "family": after.family,
            "status": after.status.value,
            "held_on": after.held_on.isoformat(),
            **_means_of(after, instrument),
            "version": after.version,
            "changed_by": caller.id,
        },
        caller=caller,
    )
    record_assessment_change(app, caller, session, before, after, reason)


def record_assessment_change(
    app: App,
    caller: Caller,
    session: Session,
    before: Assessment | None,
    after: Assessment,
    reason: str | None = None,
) -> None:
    """Record the entry of its history alone: a draft that grows is news for nobody."""
    was = before.facts if before else None
    record_change(app, caller, session, after, was, after.facts, reason)


def _means_of(assessment: Assessment, instrument: Instrument) -> dict[str, Any]:
    result = result_of(instrument, assessment.scores) if assessment.counts else None
    if result is None:
        return {"mean": None, "domains": [], "topics": []}
    return {
        "mean": in_decimals(result.mean),
        "domains": [
            {
                "domain_id": each.domain_id,
                "mean": None if each.mean is None else in_decimals(each.mean),
            }
            for each in result.domains
        ],
        "topics": [
            {"topic_id": topic_id, "mean": in_decimals(mean)}
            for topic_id, mean in means_by_topic(instrument, assessment.scores).items()
        ],
    }
