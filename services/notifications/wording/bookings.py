"""What messages about bookings, series, the waitlist and joint meetings say."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import ClassVar

from services.common.bidi import isolated
from services.common.calendars import event_uid
from services.common.languages import direction_of
from services.notifications.domain.messages import Appointment
from services.notifications.wording.publisher import Data, PublisherWording, Values
from services.notifications.wording.words import Names, Words

# What a booking becomes by these may need the front desk's approval.
_MAY_WAIT_AGAIN = frozenset({"booking_changed", "booking_rescheduled"})

# Where it matters to the reader what could not be had.
_WITH_REJECTED = frozenset({"series_created", "series_changed"})

# The templates whose mail brings a calendar file, and whether that takes the event away.
_APPOINTMENTS = {
    "booking_confirmed": False,
    "booking_rescheduled": False,
    "booking_cancelled": True,
    # One that was confirmed may wait again, and then not be had.
    "booking_rejected": True,
    "booking_expired": True,
    "invitation_sent": False,
    "invitation_changed": False,
    "invitation_off": True,
    "invitation_revoked": True,
}
_SEQUENCES_FROM = datetime(2026, 1, 1, tzinfo=UTC)


class BookingsWording(PublisherWording):
    pages: ClassVar = {
        "entry_id": "/waitlist",
        "booking_id": "/bookings",
        "series_id": "/series",
    }
    details = (
        "title",
        "space",
        "centre",
        "when",
        "previous_when",
        "until",
        "count",
        "pending",
        "rejected",
        "organisation",
        "by",
        "reason",
        "reference",
    )

    def values(self, template: str, data: Data, names: Names, words: Words) -> dict[str, str]:
        values = {"title": data["title"], "centre": words.name(data["centre_name"])}
        if "starts_at" in data:
            values["space"] = words.name(data["space_name"])
            values["date"] = words.day(data["starts_at"])
            values["when"] = words.period(data["starts_at"], data["ends_at"])
        else:
            values["date"] = words.day(data["window_from"])
        if "expires_at" in data:
            values["until"] = words.moment(data["expires_at"])
        if "previous_starts_at" in data:
            values["previous_space"] = words.name(data["previous_space_name"])
            values["previous_when"] = words.period(
                data["previous_starts_at"], data["previous_ends_at"]
            )
        if "answer" in data:
            values["answer"] = words.say(f"answer.{data['answer']}")
            values["people"] = str(data["people"])
            values["invited"] = words.name(names.invited, "guest.unknown")
        return values | _counts(template, data)

    def sentences(self, template: str, data: Data, values: Values) -> Iterator[str]:
        if data.get("status") == "pending" and template in _MAY_WAIT_AGAIN:
            yield "pending"
        if "pending" in values:
            yield "some_pending"
        yield from (name for name in ("rejected", "reason") if name in values)
        if data.get("counted") is False:
            yield "not_counted"

    def appointment(
        self, template: str, data: Data, values: Values, words: Words, stamped_at: datetime
    ) -> Appointment | None:
        if template not in _APPOINTMENTS:
            return None
        # An invitation has versions of its own, and may be followed by another one to the same
        # meeting; in the order of time each takes the place of the one before.
        invites = "invitation_id" in data
        seconds = max(0, int((stamped_at - _SEQUENCES_FROM).total_seconds()))
        return Appointment(
            uid=event_uid(data["booking_id"]),
            sequence=seconds if invites else data["version"] - 1,
            cancelled=_APPOINTMENTS[template],
            tentative=data.get("status") == "pending",
            starts_at=data["starts_at"],
            ends_at=data["ends_at"],
            title=isolated(values["title"], direction_of(words.language)),
            place=words.say("calendar.place", space=values["space"], centre=values["centre"]),
            host=values["organisation"],
            stamped_at=stamped_at,
        )


def _counts(template: str, data: Data) -> dict[str, str]:
    """How many occurrences of a series the message is about; none where there are none."""
    named = {"count": "occurrences", "pending": "pending"}
    if template in _WITH_REJECTED:
        named["rejected"] = "rejected"
    return {name: str(data[member]) for name, member in named.items() if data.get(member)}
