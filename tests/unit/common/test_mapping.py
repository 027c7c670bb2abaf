"""Dataclasses as documents: what goes in comes out, in the shape that queries rely on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar

import bson
from bson.codec_options import CodecOptions

from services.common.storage.mapping import mapping_of
from services.common.storage.mongo import Document
from services.common.time.opening_hours import ExceptionalDay, Season, Timetable
from services.common.time.period import Period
from services.common.time.weekly_hours import WeeklyHours

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
MORNING = Period(NOON - timedelta(hours=3), NOON)
DAY = date(2027, 3, 21)


class Level(StrEnum):
    BASIC = "basic"
    ADVANCED = "advanced"


@dataclass(frozen=True, slots=True)
class Session:
    id: str
    period: Period
    room: str | None = None


@dataclass(frozen=True, slots=True)
class Course:
    kind: ClassVar[str] = "course"

    id: str
    level: Level
    name: Mapping[str, str]
    period: Period
    length: timedelta
    first_day: date | None = None
    sessions: tuple[Session, ...] = ()
    away: tuple[Period, ...] = ()
    roles: frozenset[Level] = frozenset()
    plan: Mapping[str, datetime] = field(default_factory=dict)
    pass_mark: int | float | str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    certificate: Session | None = None
    hours: Timetable | None = None
    version: int = 1

    @property
    def places(self) -> int:
        return 12


COURSE = Course(
    id="c",
    level=Level.ADVANCED,
    name={"ar": "دورة"},
    period=MORNING,
    length=timedelta(minutes=90, milliseconds=500),
    first_day=DAY,
    sessions=(Session("s", MORNING), Session("t", MORNING, "lab")),
    away=(MORNING,),
    roles=frozenset({Level.BASIC, Level.ADVANCED}),
    plan={"s": datetime(2027, 3, 1, 9)},  # noqa: DTZ001 - local time
    pass_mark=0.5,
    params={"seen": [1, None, {"by": "x"}]},
    certificate=Session("z", MORNING),
    hours=Timetable.of(
        WeeklyHours.parse({"sunday": [["09:00", "12:00"], ["13:00", "17:00"]]}),
        (Season({"ar": "رمضان"}, DAY, DAY, WeeklyHours.parse({"monday": [["10:00", "15:00"]]})),),
        (ExceptionalDay(DAY, {"ar": "عيد"}, ()),),
    ),
    version=3,
)


def stored(document: Document) -> Document:
    """The document as the database gives it back."""
    return bson.decode(bson.encode(document), CodecOptions(tz_aware=True))


def test_what_goes_in_comes_out() -> None:
    courses = mapping_of(Course)
    assert courses.aggregate_of(stored(courses.document_of(COURSE))) == COURSE
    bare = Course("d", Level.BASIC, {}, MORNING, timedelta(0))
    assert courses.aggregate_of(stored(courses.document_of(bare))) == bare


def test_members_of_an_enum_come_back_as_such() -> None:
    courses = mapping_of(Course)
    found = courses.aggregate_of(stored(courses.document_of(COURSE)))
    assert found.level is Level.ADVANCED
    assert all(isinstance(each, Level) for each in found.roles)


def test_a_document_has_the_shape_that_queries_rely_on() -> None:
    document = mapping_of(Course).document_of(COURSE)
    assert "id" not in document
    assert "kind" not in document
    assert document["_id"] == "c"
    assert document["level"] == "advanced"
    assert type(document["level"]) is str
    assert document["period"] == {"starts_at": NOON - timedelta(hours=3), "ends_at": NOON}
    assert document["length"] == 5400.5
    assert document["first_day"] == "2027-03-21"
    assert document["sessions"][1] == {"id": "t", "period": document["period"], "room": "lab"}
    assert document["roles"] == ["advanced", "basic"]
    assert document["plan"] == {"s": "2027-03-01T09:00:00"}


def test_a_nested_dataclass_may_stand_in_the_document_itself() -> None:
    courses = mapping_of(Course, flat=("period",))
    document = courses.document_of(COURSE)
    assert (document["starts_at"], document["ends_at"]) == (MORNING.starts_at, MORNING.ends_at)
    assert "period" not in document
    assert courses.aggregate_of(stored(document)) == COURSE


def test_further_fields_are_stored_and_not_read_back() -> None:
    courses = mapping_of(Course, extra=lambda course: {"search": [*course.name.values()]})
    document = courses.document_of(COURSE)
    assert document["search"] == ["دورة"]
    assert courses.aggregate_of(stored(document | {"lent": 4})) == COURSE


def test_a_field_that_a_document_lacks_has_its_default() -> None:
    courses = mapping_of(Course)
    document = stored(courses.document_of(COURSE))
    del document["away"], document["sessions"][1]["room"]
    found = courses.aggregate_of(document)
    assert found.away == ()
    assert found.sessions[1].room is None


def test_nothing_is_made_a_text_in_silence() -> None:
    courses = mapping_of(Course)
    document = stored(courses.document_of(COURSE)) | {"_id": None}
    assert courses.aggregate_of(document).id is None
