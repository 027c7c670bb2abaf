"""Requests that are filled in beforehand, from what led to them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from services.common.contracts.consultations.instruments_limits import HIGHEST
from services.common.languages import in_language
from services.consultations.domain.cases import Origin
from services.consultations.domain.instruments import Instrument, Item
from services.consultations.domain.kinds import Kind
from services.consultations.domain.scores import Scores

MOST_ITEMS = 5
"""So many items of an assessment are named in a request."""


@dataclass(frozen=True, slots=True)
class CaseDraft:
    """What is known of a request before a person writes it.

    Attributes:
        title, description: in the caller's language; empty where nothing is known.
    """

    organisation_id: str
    origin: Origin
    kind_id: str | None = None
    speciality: str | None = None
    centre_id: str | None = None
    title: str = ""
    description: str = ""


def kind_of_topic(kinds: Iterable[Kind], topic_id: str) -> tuple[str | None, str | None]:
    """The kind of consultation and its speciality that go on from trainings of a topic."""
    for kind in kinds:
        for speciality in kind.specialities:
            if topic_id in speciality.topics:
                return kind.id, speciality.id
    return None, None


def kind_of_scores(instrument: Instrument, scores: Scores, kind_ids: Collection[str]) -> str | None:
    """The kind of consultation that helps with the item that scored lowest; of items that score
    alike the first one of the instrument counts. ``None`` where nothing is below the highest."""
    for item in _from_the_lowest(instrument, scores):
        for kind_id in item.case_kinds:
            if kind_id in kind_ids:
                return kind_id
    return None


def describe_scores(
    instrument: Instrument, scores: Scores, kind_id: str | None, language: str
) -> tuple[str, str]:
    """Title and description of a request: the domain of the lowest item that the kind helps with,
    and the items with their scores, one a line. Empty where there is none."""
    items = [
        each
        for each in _from_the_lowest(instrument, scores)
        if kind_id is None or kind_id in each.case_kinds
    ][:MOST_ITEMS]
    if not items:
        return "", ""
    (title,) = (
        in_language(domain.name, language)
        for domain in instrument.domains
        if any(each.id == items[0].id for each in domain.items)
    )
    lines = [
        f"{in_language(each.statement, language)} ({scores[each.id]}/{HIGHEST})" for each in items
    ]
    return title, "\n".join(lines)


def _from_the_lowest(instrument: Instrument, scores: Scores) -> Sequence[Item]:
    below = [each for key, each in instrument.items.items() if scores.get(key, HIGHEST) < HIGHEST]
    return sorted(below, key=lambda each: scores[each.id])
