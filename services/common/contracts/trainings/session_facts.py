"""The data of the events about one session of a cohort that is announced."""

from __future__ import annotations

from marshmallow import fields

from services.common.contracts.fields import EventData, Id, Instant, LocalisedFact
from services.common.contracts.trainings.limits import LONGEST_PLACE


def _room_fact(description: str) -> LocalisedFact:
    return LocalisedFact(required=True, allow_none=True, metadata={"description": description})


def _place_fact(description: str) -> LocalisedFact:
    return LocalisedFact(
        required=True,
        allow_none=True,
        limit=LONGEST_PLACE,
        metadata={"description": description},
    )


class Session(EventData):
    """The session as it stands after the fact, or stood before it was removed.

    The version is that of the cohort: it rises with every change of it.
    """

    session_id = Id(required=True)
    cohort_id = Id(required=True)
    course_id = Id(required=True)
    centre_id = Id(required=True)
    centre_name = LocalisedFact(required=True)
    time_zone = fields.String(required=True, metadata={"description": "IANA zone of the centre."})
    title = LocalisedFact(required=True, metadata={"description": "Of the cohort."})
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    elsewhere = _place_fact("Where it is, if not in a room of the centre.")
    room = _room_fact("The room of the centre, where one is held.")
    people = fields.List(
        Id(),
        required=True,
        metadata={
            "description": "Who has a seat or is offered one, and has an account; ids of people."
        },
    )
    trainers = fields.List(
        Id(),
        required=True,
        metadata={
            "description": "Who teaches it, or is asked to, at the time at which it was: ids of "
            "people. Another time is news of `trainings.assignment.changed`."
        },
    )
    reason = fields.String(metadata={"description": "The reason, where a person gave one."})
    version = fields.Integer(required=True)
    changed_by = Id(required=True, metadata={"description": "The person who caused this fact."})


class Moved(Session):
    previous_starts_at = Instant(required=True)
    previous_ends_at = Instant(required=True)
    previous_elsewhere = _place_fact("Where it was before, if not in a room of the centre.")
    previous_room = _room_fact("The room that was held before.")
