"""The words of a message, in the recipient's language, from the facts of an event.

Texts are in ``locale/<language>.po``: ``<template>.title``, ``<template>.body``. Dates and times
are the centre's own, written the way the language's readers write them (CLDR, through Babel): in
Arabic with the month names of Syria. Every value is isolated where its direction differs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import lru_cache, partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time

from services.common.bidi import isolated
from services.common.calendar_events import event_uid
from services.common.catalogue import Catalogue
from services.common.languages import DEFAULT_LANGUAGE, direction_of, in_language, locale_of
from services.notifications.domain.messages import Appointment, Text

LOCALE_FOLDER = Path(__file__).parent / "locale"

#: The zone of what happens at no centre.
HOME_ZONE = "Asia/Damascus"

NO_BREAK_SPACE = "\u00a0"


@dataclass(frozen=True, slots=True)
class Names:
    """Names by language that the event itself does not carry; None where they are not known."""

    organisation: Mapping[str, str] | None = None
    actor: Mapping[str, str] | None = None
    invited: Mapping[str, str] | None = None


class Wording:
    """Writes messages.

    Args:
        catalogue: the texts; its languages are those that a person may choose.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def language(self, wanted: str | None) -> str:
        """The wanted language if there are texts in it, else Arabic."""
        return wanted if wanted in self._catalogue.languages else DEFAULT_LANGUAGE

    def say(self, key: str, language: str, **values: str) -> str:
        """A text with its values filled in, each on one line and isolated."""
        return self._catalogue.text(key, language, values)

    def booking(
        self,
        template: str,
        facts: Mapping[str, Any],
        names: Names,
        language: str,
        link: str | None = None,
        stamped_at: datetime | None = None,
    ) -> Text:
        """The message about a booking, a series of them, a place on the waitlist, or an invitation
        into an organisation.

        Args:
            template: prefix of the texts, as the rule table names it.
            facts: data of the event as its contract loads it.
            link: path by which to answer, where there is one.
            stamped_at: when the fact happened, for the recipient's calendar.
        """
        zone = facts.get("time_zone", HOME_ZONE)
        values = {"organisation": self._name(names.organisation, "organisation.unknown", language)}
        if "centre_name" in facts:
            values["title"] = facts["title"]
            values["centre"] = in_language(facts["centre_name"], language)
        if "starts_at" in facts:
            values["space"] = in_language(facts["space_name"], language)
            values["date"] = _date(facts["starts_at"], zone, "long", language)
            values["when"] = self._period(facts["starts_at"], facts["ends_at"], zone, language)
        elif "window_from" in facts:
            values["date"] = _date(facts["window_from"], zone, "long", language)
        counts = {"count": "occurrences", "pending": "pending"}
        values |= {name: str(facts[field]) for name, field in counts.items() if facts.get(field)}
        if facts.get("rejected") and template in _WITH_REJECTED:
            values["rejected"] = str(facts["rejected"])
        if "expires_at" in facts:
            values["until"] = self._moment(facts["expires_at"], zone, language)
        if "previous_starts_at" in facts:
            values["previous_space"] = in_language(facts["previous_space_name"], language)
            values["previous_when"] = self._period(
                facts["previous_starts_at"], facts["previous_ends_at"], zone, language
            )
        if facts.get("reasons"):
            values["reason"] = in_language(facts["reasons"], language)
        elif facts.get("reason"):
            values["reason"] = facts["reason"]
        if names.actor is not None:
            values["by"] = in_language(names.actor, language)
        if "answer" in facts:
            values["answer"] = self.say(f"answer.{facts['answer']}", language)
            values["people"] = str(facts["people"])
            values["invited"] = self._name(names.invited, "guest.unknown", language)
        kind, reference = next((name, facts[name]) for name in _REFERENCES if name in facts)
        values["reference"] = reference

        shown = _shown(values, language)
        text = partial(self._catalogue.text, language=language, params=values)
        body = text(f"{template}.body")
        for name in _sentences(template, facts, shown):
            body = f"{body} {text(f'sentence.{name}')}"
        return Text(
            title=text(f"{template}.title"),
            body=body,
            details=tuple(
                (text(f"detail.{name}"), shown[name]) for name in _DETAILS if name in shown
            ),
            link=link,
            page=f"{_REFERENCES[kind]}/{reference}",
            appointment=self._appointment(template, facts, values, language, stamped_at),
        )

    def _appointment(
        self,
        template: str,
        facts: Mapping[str, Any],
        values: Mapping[str, str],
        language: str,
        stamped_at: datetime | None,
    ) -> Appointment | None:
        if template not in _APPOINTMENTS or stamped_at is None:
            return None
        # An invitation has versions of its own, and may be followed by another one to the same
        # meeting; in the order of time each takes the place of the one before.
        invites = "invitation_id" in facts
        seconds = max(0, int((stamped_at - _SEQUENCES_FROM).total_seconds()))
        return Appointment(
            uid=event_uid(facts["booking_id"]),
            sequence=seconds if invites else facts["version"] - 1,
            cancelled=_APPOINTMENTS[template],
            tentative=facts.get("status") == "pending",
            starts_at=facts["starts_at"],
            ends_at=facts["ends_at"],
            title=isolated(values["title"], direction_of(language)),
            place=self._catalogue.text("calendar.place", language, values),
            host=values["organisation"],
            stamped_at=stamped_at,
        )

    def _name(self, name: Mapping[str, str] | None, fallback: str, language: str) -> str:
        return self.say(fallback, language) if name is None else in_language(name, language)

    def _period(self, start: datetime, end: datetime, zone: str, language: str) -> str:
        values = {
            "start_date": _date(start, zone, "full", language),
            "start": _time(start, zone, language),
            "end_date": _date(end, zone, "full", language),
            "end": _time(end, zone, language),
        }
        one_day = values["start_date"] == values["end_date"]
        key = "period.one_day" if one_day else "period.several_days"
        return self._catalogue.text(key, language, values)

    def _moment(self, instant: datetime, zone: str, language: str) -> str:
        values = {
            "date": _date(instant, zone, "full", language),
            "time": _time(instant, zone, language),
        }
        return self._catalogue.text("moment", language, values)


def _shown(values: Mapping[str, str], language: str) -> dict[str, str]:
    """The values as they stand in a text of the language."""
    direction = direction_of(language)
    return {name: isolated(value, direction) for name, value in values.items()}


def _sentences(template: str, facts: Mapping[str, Any], values: Mapping[str, str]) -> Iterator[str]:
    """What a message says beside the text of its template."""
    if facts.get("status") == "pending" and template in _MAY_WAIT_AGAIN:
        yield "pending"
    if "pending" in values:
        yield "some_pending"
    yield from (name for name in ("rejected", "reason") if name in values)
    if facts.get("counted") is False:
        yield "not_counted"


# What a booking becomes by these may need the front desk's approval.
_MAY_WAIT_AGAIN = frozenset({"booking_changed", "booking_rescheduled"})

# Where it matters to the reader what could not be had.
_WITH_REJECTED = frozenset({"series_created", "series_changed"})

# The first of these that the event has is what people ask about; with the path of its page.
_REFERENCES = {
    "entry_id": "/waitlist",
    "booking_id": "/bookings",
    "series_id": "/series",
    "invitation_id": "/me/invitations",
}

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

# In the order in which a mail shows them.
_DETAILS = (
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


def _date(instant: datetime, zone: str, length: str, language: str) -> str:
    return _day(instant.astimezone(ZoneInfo(zone)).date(), length, language)


def _time(instant: datetime, zone: str, language: str) -> str:
    # Of a time that stands on its own no zone is named.
    return _clock(instant.astimezone(ZoneInfo(zone)).time(), language)


# Many messages speak of the same days, and of the same times of day; formatting one costs more
# than all the rest of a text.
@lru_cache(maxsize=4096)
def _day(day: date, length: str, language: str) -> str:
    return format_date(day, length, locale=locale_of(language))


@lru_cache(maxsize=4096)
def _clock(moment: time, language: str) -> str:
    text = format_time(moment, "short", locale=locale_of(language))
    # A line must not end between the hour and its ص or م.
    return text.replace(" ", NO_BREAK_SPACE)
