"""Names, dates and times in the words of one language, by the clock of one place.

Dates and times are written the way the language's readers write them (CLDR, through Babel): in
Arabic with the month names of Syria.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time

from services.common.catalogue import Catalogue
from services.common.languages import in_language, locale_of

#: The zone of what happens at no centre.
HOME_ZONE = "Asia/Damascus"

NO_BREAK_SPACE = "\u00a0"


@dataclass(frozen=True, slots=True)
class Names:
    """Names by language that the event itself does not carry; None where they are not known."""

    organisation: Mapping[str, str] | None = None
    actor: Mapping[str, str] | None = None
    invited: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """Writes values for the texts of a message.

    Attributes:
        zone: IANA zone of the centre.
    """

    catalogue: Catalogue
    language: str
    zone: str

    def say(self, key: str, **values: str | int) -> str:
        """A text with its values filled in, each on one line and isolated; a number decides the
        form where the text has several."""
        return self.catalogue.text(key, self.language, values)

    def knows(self, key: str) -> bool:
        """Whether there is such a text: a publisher may name by a code what is new to us."""
        return self.catalogue.has(key, self.language)

    def name(self, name: Mapping[str, str] | None, fallback: str = "") -> str:
        """A name in the language; the text of the key ``fallback`` where it is not known."""
        return self.say(fallback) if name is None else in_language(name, self.language)

    def day(self, instant: datetime, length: str = "long") -> str:
        """The date; with the day of the week if it is ``full``."""
        return _day(instant.astimezone(ZoneInfo(self.zone)).date(), length, self.language)

    def time(self, instant: datetime) -> str:
        # Of a time that stands on its own no zone is named.
        return _clock(instant.astimezone(ZoneInfo(self.zone)).time(), self.language)

    def period(self, start: datetime, end: datetime) -> str:
        values = {
            "start_date": self.day(start, "full"),
            "start": self.time(start),
            "end_date": self.day(end, "full"),
            "end": self.time(end),
        }
        one_day = values["start_date"] == values["end_date"]
        return self.say("period.one_day" if one_day else "period.several_days", **values)

    def moment(self, instant: datetime) -> str:
        return self.say("moment", date=self.day(instant, "full"), time=self.time(instant))


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
