"""An edition of an action plan as PDF: what both sides keep, print and sign.

It says the same as the edition that is signed, and its hash: owners, due dates, evidence and the
items that a milestone is to improve. It is made of what is stored of the edition, so it is the same
until a side signs or another edition takes its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date

from services.common.documents.apart import set_document_apart
from services.common.documents.lines import line_of
from services.common.languages import in_language, locale_of
from services.consultations.documents.texts import document_texts
from services.consultations.domain.action_plans import (
    ActionPlan,
    PlanEdition,
    PlannedMilestone,
    Side,
)

_TEMPLATE = "consultations/documents/plan_sheet.typ"
Name = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PlanNames:
    """What a plan names by id, as people call it.

    Attributes:
        case_number: of its case.
        people: those who signed, by id; who is erased is left out.
        items: statements of the items of its assessment, by id.
    """

    case_number: str
    centre: Name
    organisation: Name
    people: Mapping[str, Name]
    items: Mapping[str, Name]


def render_plan(
    plan: ActionPlan, edition: PlanEdition, names: PlanNames, language: str, zone: ZoneInfo
) -> bytes:
    """The PDF, A4 upright; a character that the font lacks is a question mark.

    Args:
        edition: of the plan.
        language: of the words of the document; what people wrote stays as they wrote it.
        zone: of the centre, whose days and hours are printed.

    Raises:
        errors.Unavailable: if it was not made in time.
    """
    values = values_of(plan, edition, names, language, zone)
    signed = [each.at for each in edition.signatures]
    moment = max([edition.made_at, *signed])
    return set_document_apart(_TEMPLATE, values, language=language, moment=moment)


def values_of(
    plan: ActionPlan, edition: PlanEdition, names: PlanNames, language: str, zone: ZoneInfo
) -> dict[str, Any]:
    """What the template is given."""
    texts = document_texts()

    def say(key: str, **params: str) -> str:
        return texts.text(f"plan.{key}", language, params)

    def moment(value: datetime) -> str:
        local = value.astimezone(zone)
        return say("moment", day=_day(local.date(), language), time=f"{local:%H:%M}")

    heading = say("heading")
    state = _state_of(plan, edition)
    facts = [
        ("case", names.case_number),
        ("edition", str(edition.number)),
        ("made", moment(edition.made_at)),
        ("state", say(f"state.{state}")),
    ]
    if edition.agreed_at is not None:
        facts.append(("agreed", moment(edition.agreed_at)))
    return {
        "document": f"{heading} {names.case_number}",
        "heading": heading,
        "centre": line_of(in_language(names.centre, language), language),
        "organisation": line_of(in_language(names.organisation, language), language),
        "facts": [
            {"label": say(f"fact.{key}"), "value": line_of(value, language)} for key, value in facts
        ],
        "goal_label": say("goal"),
        "goal": _lines(edition.content.goal, language),
        "milestones_label": say("milestones"),
        "columns": [say(f"column.{key}") for key in ("number", "milestone", "owner", "due_on")],
        "evidence_label": say("evidence"),
        "item_label": say("item"),
        "milestones": [
            _milestone(each, names, language, say(f"side.{each.owner.side.value}"))
            for each in edition.content.milestones
        ],
        "signatures_label": say("signatures"),
        "signature_columns": [say(f"column.{key}") for key in ("side", "name", "signed_at")],
        "signatures": [_signature(edition, side, names, language, say, moment) for side in Side],
        "hash_label": say("hash"),
        "hash": edition.content_hash,
        "page": say("page", page="{page}", pages="{pages}"),
    }


def _state_of(plan: ActionPlan, edition: PlanEdition) -> str:
    """Whether the edition is in force, was, or waits for a side."""
    if edition.agreed_at is None:
        return "open" if edition.number == plan.current.number else "replaced"
    return "in_force" if edition.number == plan.agreed_edition else "replaced"


def _milestone(
    planned: PlannedMilestone, names: PlanNames, language: str, side: str
) -> dict[str, Any]:
    return {
        "title": line_of(planned.title, language),
        "evidence": _lines(planned.evidence, language),
        "owner": line_of(planned.owner.name, language),
        "side": side,
        "due_on": line_of(_day(planned.due_on, language), language),
        "items": [
            line_of(in_language(names.items[each], language), language)
            for each in planned.item_ids
            if each in names.items
        ],
    }


def _signature(
    edition: PlanEdition, side: Side, names: PlanNames, language: str, say: Any, moment: Any
) -> dict[str, Any]:
    signature = edition.signature_of(side)
    if signature is None:
        name, at = say("not_signed"), ""
    else:
        known = names.people.get(signature.by)
        name = say("name_unknown") if known is None else in_language(known, language)
        at = moment(signature.at)
    return {
        "side": say(f"side.{side.value}"),
        "name": line_of(name, language),
        "at": line_of(at, language),
    }


def _day(day: date, language: str) -> str:
    return format_date(day, "d MMMM y", locale=locale_of(language))


def _lines(text: str, language: str) -> list[dict[str, str]]:
    return [line_of(each, language) for each in text.split("\n") if each.strip()]
