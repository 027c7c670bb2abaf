"""What messages about cohorts, their sessions and the way to a seat say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from services.notifications.wording.publisher import Data, PublisherWording, Values
from services.notifications.wording.words import Names, Words

# The templates whose reader does not know why it was decided so.
_WITH_REASON = frozenset({"waitlisted", "declined", "nominee_declined", "certificate_revoked"})

# What a person reads about a seat who may still take it.
_WITH_START = frozenset({"seat_offered", "enrolled"})

# People are asked for these months after the course.
_LATER = frozenset({"follow_up_3", "follow_up_6"})

# An event names the reason by its code; this one says that the turn of the applicant has come.
_NEXT = "next_by_rank"


class TrainingsWording(PublisherWording):
    pages: ClassVar = {
        "application_id": "/applications",
        "assignment_id": "/assignments",
        "certificate_id": "/certificates",
        "cohort_id": "/cohorts",
    }
    details = (
        "course",
        "sessions",
        "when",
        "place",
        "previous_when",
        "previous_place",
        "starts",
        "centre",
        "until",
        "answer_until",
        "issued",
        "expires",
        "reason",
        "reference",
    )

    def values(self, template: str, data: Data, names: Names, words: Words) -> dict[str, str]:
        if "assignment_id" in data:
            return _describe_assignment(data, words)
        if "certificate_id" in data:
            return _describe_certificate(data, words)
        if "task_id" in data:
            count = words.say("sessions", count=len(data["session_ids"]))
            what = words.say(f"task.{data['what']}")
            return {"course": words.name(data["title"]), "sessions": count, "what": what}
        if "occasion" in data:
            until = words.moment(data["expires_at"])
            return {"course": words.name(data["title"]), "answer_until": until}
        values = {"course": words.name(data["title"]), "centre": words.name(data["centre_name"])}
        if "session_id" in data:
            return values | _describe_session(data, values["centre"], words)
        if data.get("starts_at") is not None:
            values["starts"] = words.moment(data["starts_at"])
        if data.get("expires_at") is not None:
            values["until"] = words.moment(data["expires_at"])
        return values

    def reason(self, template: str, data: Data, words: Words) -> str | None:
        if "occasion" in data:
            return None
        by_code = "application_id" in data or "certificate_id" in data
        if not by_code or "reasons" in data:
            return super().reason(template, data, words)
        key = f"why.{data.get('reason')}"
        return words.say(key) if template in _WITH_REASON and words.knows(key) else None

    def sentences(self, template: str, data: Data, values: Values) -> Iterator[str]:
        if template == "seat_offered" and data["reason"] == _NEXT:
            yield "next"
        if template == "application_received" and data["source"] == "nominated":
            yield "nominated"
        if template == "certificate_issued" and data["supersedes"] is not None:
            yield "supersedes"
        if "when" in values and "sessions" in values:
            yield "sessions"
        if template in _WITH_START and "starts" in values:
            yield "starts"
        if template == "declined":
            yield "other_courses"
        if "occasion" in data and data["occasion"] in _LATER:
            yield "follow_up"
        if template.startswith("nominee_") and data["person_id"] is None:
            yield "without_account"
        # Last: a reason ends without a full stop.
        yield from super().sentences(template, data, values)


def _describe_assignment(data: Data, words: Words) -> dict[str, str]:
    described = {"course": words.name(data["cohort_title"])}
    if times := sorted(data["times"], key=lambda each: each["starts_at"]):
        described["sessions"] = words.say("sessions", count=len(times))
        described["when"] = words.period(times[0]["starts_at"], times[0]["ends_at"])
    return described


def _describe_certificate(data: Data, words: Words) -> dict[str, str]:
    described = {
        "course": words.name(data["title"]),
        "kind": words.say(f"certificate.{data['kind']}"),
        "issued": words.day(data["issued_at"]),
    }
    if data["expires_at"] is not None:
        described["expires"] = words.day(data["expires_at"])
    return described


def _describe_session(data: Data, centre: str, words: Words) -> dict[str, str]:
    described = {
        "date": words.day(data["starts_at"]),
        "when": words.period(data["starts_at"], data["ends_at"]),
        "place": _name_place(data["elsewhere"], data.get("room"), centre, words),
    }
    if "previous_starts_at" in data:
        before = words.period(data["previous_starts_at"], data["previous_ends_at"])
        described["previous_when"] = before
        left = data["previous_elsewhere"], data.get("previous_room")
        described["previous_place"] = _name_place(*left, centre, words)
    return described


def _name_place(elsewhere: Data | None, room: Data | None, centre: str, words: Words) -> str:
    """Where a session is: the place outside, or its room of the centre where one is held."""
    if elsewhere is not None:
        return words.name(elsewhere)
    if room is not None:
        return words.say("place.room", room=words.name(room), centre=centre)
    return words.say("place.centre", centre=centre)
