"""What trainings does when consultations publishes an assessment."""

from __future__ import annotations

from collections.abc import Sequence

from marshmallow import ValidationError

from services.common.contracts.consultations import assessment_facts, events
from services.common.errors import Permanent
from services.common.events.envelope import CloudEvent
from services.trainings.app import App
from services.trainings.domain.gaps import Assessment, AssessmentStatus

ASSESSMENTS = ("consultations.assessment.*",)
"""What to subscribe to."""

_TYPES = frozenset(
    each.name
    for each in (
        events.ASSESSMENT_STARTED,
        events.ASSESSMENT_AGREED,
        events.ASSESSMENT_VERIFIED,
        events.ASSESSMENT_WITHDRAWN,
    )
)
_SCHEMA = assessment_facts.Assessment()


def apply_assessments(app: App, found: Sequence[CloudEvent]) -> None:
    """Take assessments in; older versions never overwrite newer ones. Events of other kinds are
    left alone.

    Raises:
        Permanent: if an event's data is not what its contract says.
    """
    facts = [_assessment_of(each) for each in found if each.type in _TYPES]
    if facts:
        app.database.transact(lambda session: app.assessments.put(session, facts))


def _assessment_of(event: CloudEvent) -> Assessment:
    try:
        data = _SCHEMA.load(event.data)
    except ValidationError as error:
        raise Permanent(f"{event.type} of {event.subject}: {error}") from error
    return Assessment(
        id=data["assessment_id"],
        organisation_id=data["organisation_id"],
        status=AssessmentStatus(data["status"]),
        held_on=data["held_on"],
        mean=data["mean"],
        topics={each["topic_id"]: each["mean"] for each in data["topics"]},
        version=event.aggregate_version,
    )
