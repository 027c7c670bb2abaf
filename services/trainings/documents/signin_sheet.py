"""The sign-in sheet of sessions as PDF: a page for each session, or more where people are many.

It is printed before a session, signed on paper, and typed in after it where there was no phone. One
takes 8 ms for 25 names, so that it is made while a request waits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date

from services.common.documents.lines import line_of
from services.common.documents.typesetting import set_whole_document
from services.common.languages import locale_of
from services.trainings.documents.texts import document_texts

_TEMPLATE = "trainings/documents/signin_sheet.typ"
SPARE_ROWS = 3
"""Empty rows behind the names, for people who come without being on the list."""


@dataclass(frozen=True, slots=True)
class Participant:
    """A row of the sheet.

    Attributes:
        organisation: its name, where the person comes for one.
    """

    name: str
    organisation: str | None = None


@dataclass(frozen=True, slots=True)
class SheetSession:
    """What a sheet's page is for.

    Attributes:
        number: of the session in its cohort, from 1.
        place: the room's name.
        trainers: their names.
    """

    number: int
    starts_at: datetime
    ends_at: datetime
    place: str | None = None
    trainers: tuple[str, ...] = ()


def render_signin_sheet(
    title: str,
    centre: str,
    sessions: Sequence[SheetSession],
    participants: Sequence[Participant],
    language: str,
    *,
    zone: ZoneInfo,
    now: datetime,
) -> bytes:
    """The PDF, A4 upright. Names are in the order in which they are given; a character that the
    fonts lack is a question mark, since one name does not keep the sheet from the others.

    Args:
        title: of the course, in the language.
        centre: its name in the language.
        zone: of the centre.
        now: when it is printed.

    Raises:
        ValueError: if there is no session.
    """
    if not sessions:
        raise ValueError("a sign-in sheet is for a session")
    texts = document_texts()

    def say(key: str) -> str:
        return texts.text(f"signin_sheet.{key}", language)

    pages = texts.text("signin_sheet.page", language, {"page": "{page}", "pages": "{pages}"})
    values = {
        "document": say("heading"),
        "heading": say("heading"),
        "title": line_of(title, language),
        "centre": line_of(centre, language),
        "sessions": [_session(each, language, zone) for each in sessions],
        "people": [
            {
                "name": line_of(each.name, language),
                "organisation": line_of(each.organisation or "", language),
            }
            for each in participants
        ],
        "spare_rows": SPARE_ROWS,
        "page": pages,
        "signature_of_trainer": say("signature_of_trainer"),
        "columns": [say(key) for key in ("number", "name", "organisation", "signature")],
    }
    return set_whole_document(_TEMPLATE, values, language=language, moment=now)


def _session(session: SheetSession, language: str, zone: ZoneInfo) -> dict[str, object]:
    texts = document_texts()
    starts, ends = (each.astimezone(zone) for each in (session.starts_at, session.ends_at))
    day = format_date(starts.date(), "full", locale=locale_of(language))
    times = texts.text(
        "signin_sheet.times", language, {"starts": f"{starts:%H:%M}", "ends": f"{ends:%H:%M}"}
    )
    facts = [
        ("session", line_of(str(session.number), language)),
        ("day", line_of(day, language)),
        ("time", line_of(times, language)),
    ]
    if session.place:
        facts.append(("place", line_of(session.place, language)))
    if session.trainers:
        comma = texts.text("signin_sheet.comma", language)
        facts.append(("trainers", line_of(comma.join(session.trainers), language)))
    return {
        "facts": [
            {"label": texts.text(f"signin_sheet.{key}", language), "value": value}
            for key, value in facts
        ]
    }
