"""Events that trajectories are made of, and some that they are not."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from services.common.events.envelope import CloudEvent


def an_event(type: str, subject: str, version: int, day: str, **data: Any) -> CloudEvent:
    """An event as a branch publishes it; ids are made of what it says."""
    return CloudEvent(
        id=f"{type}-{subject}-{version}",
        source=f"/masaha/{type.partition('.')[0]}",
        type=type,
        subject=subject,
        time=datetime.fromisoformat(day).replace(hour=9, tzinfo=UTC),
        dataschema=f"/schemas/{type}/1",
        data=data,
        aggregate_version=version,
        actor_kind="person",
    )


def completion(
    person: str, version: int, day: str, organisation_id: str | None = "amal", **data: Any
) -> CloudEvent:
    """A person of the organisation has completed a training."""
    return an_event(
        "trainings.application.completed",
        person,
        version,
        day,
        application_id=person,
        organisation_id=organisation_id,
        topic_id="financial-management",
        status="completed",
        **data,
    )


def assessment(
    id: str,
    fact: str,
    version: int,
    held_on: str,
    mean: float | None,
    organisation_id: str = "amal",
) -> CloudEvent:
    """An assessment of the organisation, agreed, verified or withdrawn."""
    return an_event(
        f"consultations.assessment.{fact}",
        id,
        version,
        held_on,
        organisation_id=organisation_id,
        instrument_id="capacity-1",
        status=fact,
        held_on=held_on,
        mean=mean,
    )


def joint_meeting(
    id: str, day: str = "2026-08-20", host: str = "amal", guest: str = "furat"
) -> list[CloudEvent]:
    """A meeting of two organisations at which people were counted."""
    starts_at = f"{day}T08:00:00Z"
    return [
        an_event(
            "bookings.invitation.replied",
            f"{id}-i",
            2,
            day,
            booking_id=id,
            organisation_id=host,
            invited_organisation_id=guest,
            answer="yes",
            people=3,
        ),
        an_event(
            "bookings.booking.counted",
            id,
            6,
            day,
            organisation_id=host,
            purpose="joint_meeting",
            starts_at=starts_at,
            women=4,
            men=5,
        ),
    ]


def milestone(id: str, fact: str, version: int, day: str) -> CloudEvent:
    """A milestone of a plan of the organisation."""
    return an_event(
        f"consultations.milestone.{fact}",
        id,
        version,
        day,
        milestone_id=id,
        case_id=f"case-of-{id[:2]}",
        organisation_id="amal",
        status=fact,
    )


EVENTS = [
    completion("p1", 4, "2026-05-20"),
    completion("p2", 4, "2026-08-20", "furat"),
    completion("p3", 4, "2026-08-21", None),
    an_event(
        "trainings.application.not_completed",
        "p1",
        5,
        "2026-05-21",
        application_id="p1",
        organisation_id="amal",
        topic_id="financial-management",
        status="not_completed",
    ),
    completion("p1", 6, "2026-05-22"),
    an_event("trainings.course.added", "c", 1, "2026-05-01", course_id="c"),
    assessment("a1", "agreed", 4, "2026-09-01", 2.0),
    assessment("a1", "verified", 7, "2026-09-01", 1.75),
    assessment("a2", "agreed", 4, "2026-11-02", 2.5),
    assessment("a3", "agreed", 4, "2026-11-03", 4.0),
    assessment("a3", "withdrawn", 5, "2026-11-03", None),
    milestone("m1", "reached", 3, "2026-10-05"),
    milestone("m2", "reached", 3, "2026-10-06"),
    milestone("m2", "reopened", 4, "2026-10-07"),
    milestone("m3", "reached", 3, "2026-10-08"),
    an_event("consultations.case.gone", "case-of-m3", 9, "2026-10-09", case_id="case-of-m3"),
    *joint_meeting("b1"),
    *joint_meeting("b2", host="furat", guest="amal"),
]
"""What happened to two organisations in half a year."""
