"""Instruments on the wire. A seed file (``deploy/seed/instruments.json``) holds a list of
``SeededInstrument`` under ``instruments``.

================== ============================== ================
method             request                        result
================== ============================== ================
list_instruments   ListInstruments                InstrumentList
get_instrument     ById                           Instrument
add_instrument     AddInstrument (with key)       Instrument
change_instrument  ChangeInstrument               Instrument
publish_instrument MoveInstrument (with key)      Instrument
retire_instrument  MoveInstrument (with key)      Instrument
instrument_history ListHistory                    HistoryList
================== ============================== ================
"""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from services.common.contracts.consultations.instruments_limits import (
    HIGHEST,
    LONGEST_ANCHOR,
    LONGEST_NAME,
    LONGEST_PURPOSE,
    LONGEST_SOURCE,
    LONGEST_STATEMENT,
    LOWEST,
    MOST_BANDS,
    MOST_DOMAINS,
    MOST_ITEMS,
    MOST_LINKS,
    MOST_SOURCES,
    MOST_TOPICS,
)
from services.common.contracts.fields import (
    Choice,
    Id,
    LocalisedText,
    Page,
    StrictSchema,
    Truth,
    integer,
    name_text,
    text,
)

LONGEST_REASON = 500
_LEVELS = HIGHEST - LOWEST + 1

#: An edition of two domains, as a request or a seed file says it.
EXAMPLE: dict[str, Any] = {
    "family": "capacity",
    "name": {"ar": "تقييم قدرات المنظمة", "en": "Capacity of an organisation"},
    "purpose": {
        "ar": "نقاش ميسّر بين فريق المنظمة ومستشار/ة، ينتهي بدرجة متفق عليها لكل بند.",
        "en": "A facilitated conversation that ends with an agreed score for each item.",
    },
    "sources": [
        {
            "title": "Organisational Capacity Assessment (USAID, JSI)",
            "note": {
                "ar": "سلّم من أربعة مستويات يُتفق عليه بالنقاش.",
                "en": "A scale of four levels, agreed in a facilitated conversation.",
            },
        }
    ],
    "bands": [
        {"id": "starting", "name": {"ar": "بداية", "en": "Starting"}, "least": 1},
        {"id": "growing", "name": {"ar": "نمو", "en": "Growing"}, "least": 1.75},
        {"id": "working", "name": {"ar": "أداء منتظم", "en": "Working"}, "least": 2.5},
        {"id": "leading", "name": {"ar": "ريادة", "en": "Leading"}, "least": 3.25},
    ],
    "domains": [
        {
            "id": "finance",
            "name": {"ar": "المالية", "en": "Finance"},
            "items": [
                {
                    "id": "finance-budget",
                    "statement": {
                        "ar": "تعمل المنظمة وفق خطة مالية سنوية.",
                        "en": "The organisation works by a yearly budget.",
                    },
                    "anchors": [
                        {"ar": "لا توجد خطة مالية.", "en": "There is no budget."},
                        {
                            "ar": "لكل مشروع خطة مالية على حدة.",
                            "en": "Each project has a budget of its own.",
                        },
                        {
                            "ar": "خطة مالية سنوية واحدة تُراجَع مرة في السنة.",
                            "en": "One yearly budget is looked at once a year.",
                        },
                        {
                            "ar": "تُقارن الخطة بالصرف كل ثلاثة أشهر وتُعدّل.",
                            "en": "Budget and spending are compared every quarter, and adjusted.",
                        },
                    ],
                    "evidence": {
                        "ar": "الخطة المالية المعتمدة وآخر مقارنة بالصرف.",
                        "en": "The approved budget, and its latest comparison with spending.",
                    },
                    "may_not_apply": False,
                    "topics": ["financial-management"],
                    "case_kinds": ["technical"],
                }
            ],
        }
    ],
}


class InstrumentState(Choice):
    choices = ("draft", "published", "in_use", "retired")


class Level(fields.Field[Any]):
    """A number with at most two decimals, from the lowest to the highest level."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValidationError("Not a valid number.")
        if not LOWEST <= value <= HIGHEST or round(value, 2) != value:
            raise ValidationError("range")
        return value


def _each_once(value: list[str]) -> None:
    if len(set(value)) != len(value):
        raise ValidationError("each_once")


def _ids(**kwargs: Any) -> fields.List[Any]:
    return fields.List(Id(), validate=[validate.Length(max=MOST_TOPICS), _each_once], **kwargs)


class InstrumentItem(StrictSchema):
    """What is scored, with what each level looks like, the lowest first."""

    id = Id(required=True)
    statement = LocalisedText(limit=LONGEST_STATEMENT, lines=True, required=True)
    anchors = fields.List(
        LocalisedText(limit=LONGEST_ANCHOR, lines=True),
        required=True,
        validate=validate.Length(equal=_LEVELS),
    )
    evidence = LocalisedText(limit=LONGEST_ANCHOR, lines=True, required=True)
    may_not_apply = Truth(load_default=False)
    topics = _ids(
        load_default=list,
        metadata={"description": "Topics of trainings that help where the score is low."},
    )
    case_kinds = _ids(
        load_default=list,
        metadata={"description": "Kinds of consultation that help where the score is low."},
    )


class InstrumentDomain(StrictSchema):
    id = Id(required=True)
    name = LocalisedText(limit=LONGEST_NAME, required=True)
    items = fields.List(
        fields.Nested(InstrumentItem),
        required=True,
        validate=validate.Length(min=1, max=MOST_ITEMS),
    )


class ScoreBand(StrictSchema):
    """From ``least``, which belongs to it, up to the next band's."""

    id = Id(required=True)
    name = LocalisedText(limit=LONGEST_NAME, required=True)
    least = Level(required=True, metadata={"type": "number"})


class InstrumentSource(StrictSchema):
    title = name_text(LONGEST_SOURCE, required=True)
    note = LocalisedText(limit=LONGEST_STATEMENT, lines=True, required=True)


class ItemLink(StrictSchema):
    """An item stands for one of the edition before, so that their scores are compared."""

    item_id = Id(required=True)
    earlier_item_id = Id(required=True)


def _sources(**kwargs: Any) -> fields.List[Any]:
    return fields.List(
        fields.Nested(InstrumentSource), validate=validate.Length(max=MOST_SOURCES), **kwargs
    )


def _bands(**kwargs: Any) -> fields.List[Any]:
    return fields.List(
        fields.Nested(ScoreBand), validate=validate.Length(min=1, max=MOST_BANDS), **kwargs
    )


def _domains(**kwargs: Any) -> fields.List[Any]:
    return fields.List(
        fields.Nested(InstrumentDomain), validate=validate.Length(min=1, max=MOST_DOMAINS), **kwargs
    )


def _links(**kwargs: Any) -> fields.List[Any]:
    return fields.List(fields.Nested(ItemLink), validate=validate.Length(max=MOST_LINKS), **kwargs)


class AddInstrument(StrictSchema):
    """An edition as a draft: the first of its family, or the next after the newest one."""

    family = Id(required=True)
    name = LocalisedText(limit=LONGEST_NAME, required=True)
    purpose = LocalisedText(limit=LONGEST_PURPOSE, lines=True, required=True)
    sources = _sources(load_default=list)
    bands = _bands(required=True)
    domains = _domains(required=True)
    earlier_id = Id(
        load_default=None,
        allow_none=True,
        metadata={"description": "The newest edition of the family; null for the first."},
    )
    links = _links(load_default=list)


class SeededInstrument(AddInstrument):
    """An edition of a seed file, published at once; ``edition`` counts from 1."""

    id = Id(required=True)
    edition = integer(1, 1_000, required=True)


class InstrumentChanges(StrictSchema):
    """What is left out stays as it is. Possible until an assessment uses the edition."""

    name = LocalisedText(limit=LONGEST_NAME)
    purpose = LocalisedText(limit=LONGEST_PURPOSE, lines=True)
    sources = _sources()
    bands = _bands()
    domains = _domains()
    links = _links()
    reason = text(LONGEST_REASON, lines=True, load_default=None, allow_none=True)


class ChangeInstrument(InstrumentChanges):
    id = Id(required=True)
    expected_version = integer(1, 2**53, required=True)


class MoveInstrument(StrictSchema):
    id = Id(required=True)
    expected_version = integer(1, 2**53, required=True)


class InstrumentSummary(Schema):
    id = Id(required=True)
    family = Id(required=True)
    edition = fields.Integer(required=True)
    name = LocalisedText(required=True)
    status = InstrumentState(required=True)
    version = fields.Integer(required=True)


class Instrument(InstrumentSummary):
    purpose = LocalisedText(required=True)
    sources = fields.List(fields.Nested(InstrumentSource), required=True)
    bands = fields.List(fields.Nested(ScoreBand), required=True)
    domains = fields.List(fields.Nested(InstrumentDomain), required=True)
    earlier_id = Id(required=True, allow_none=True)
    links = fields.List(fields.Nested(ItemLink), required=True)


class InstrumentList(Schema):
    items = fields.List(fields.Nested(InstrumentSummary), required=True)
    next = fields.List(fields.Raw(), allow_none=True)


class InstrumentFilters(StrictSchema):
    family = Id(load_default=None, allow_none=True)
    status = InstrumentState(load_default=None, allow_none=True)


class ListInstruments(InstrumentFilters, Page):
    pass
