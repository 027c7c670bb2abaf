"""Scores of an assessment: means, bands, and what of two assessments may be compared.

* The mean of a domain is over the items that apply; an item that does not apply is in neither part
  of the fraction. A domain without such an item has no mean.
* The mean of the whole is over the means of the domains, so that a domain with many items weighs
  no more than one with few.
* Means are exact fractions. A band is chosen before anything is rounded.
* Two assessments are compared over the items that stand for each other and have a score in both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor

from services.consultations.domain.instruments import Band, Instrument, InstrumentDomain

Scores = Mapping[str, int]
"""Item → score, of the items that apply."""


@dataclass(frozen=True, slots=True)
class DomainResult:
    """What a domain has come to.

    Attributes:
        mean: ``None`` where no item of it applies.
        scored: number of items that apply.
    """

    domain_id: str
    mean: Fraction | None
    scored: int
    band: Band | None


@dataclass(frozen=True, slots=True)
class Result:
    """What an assessment has come to."""

    mean: Fraction
    band: Band
    domains: tuple[DomainResult, ...]

    def of_domain(self, domain_id: str) -> DomainResult:
        """The result of one domain."""
        return next(each for each in self.domains if each.domain_id == domain_id)


def find_mean(values: Iterable[int | Fraction]) -> Fraction | None:
    """The exact mean; ``None`` of nothing."""
    found = [Fraction(each) for each in values]
    return sum(found, Fraction()) / len(found) if found else None


def in_decimals(mean: Fraction) -> float:
    """A mean, or the change of one, as it is shown: with four decimals, rounded half up."""
    return floor(mean * 10_000 + Fraction(1, 2)) / 10_000


def result_of(instrument: Instrument, scores: Scores) -> Result | None:
    """The result of these scores; ``None`` where no item applies."""
    domains = tuple(_result_of_domain(instrument, each, scores) for each in instrument.domains)
    mean = find_mean(each.mean for each in domains if each.mean is not None)
    if mean is None:
        return None
    return Result(mean, instrument.band_of(mean), domains)


def _result_of_domain(
    instrument: Instrument, domain: InstrumentDomain, scores: Scores
) -> DomainResult:
    found = [scores[item.id] for item in domain.items if item.id in scores]
    mean = find_mean(found)
    band = None if mean is None else instrument.band_of(mean)
    return DomainResult(domain.id, mean, len(found), band)


def means_by_topic(instrument: Instrument, scores: Scores) -> dict[str, Fraction]:
    """Topic of trainings → the mean of the items that a training of the topic helps."""
    found: dict[str, list[int]] = {}
    for item in instrument.items.values():
        for topic_id in item.topics if item.id in scores else ():
            found.setdefault(topic_id, []).append(scores[item.id])
    return {topic_id: Fraction(sum(each), len(each)) for topic_id, each in found.items()}


def map_items(editions: Sequence[Instrument]) -> dict[str, str]:
    """Which item of the last edition stands for which of the first.

    Args:
        editions: from the earlier to the later one, each the next of the one before.
    """
    mapping = {item_id: item_id for item_id in editions[-1].items}
    for later in reversed(editions[1:]):
        step = {link.item_id: link.earlier_item_id for link in later.links}
        mapping = {now: step[then] for now, then in mapping.items() if then in step}
    return mapping


@dataclass(frozen=True, slots=True)
class ComparedItem:
    """An item of the later edition with both its scores."""

    item_id: str
    earlier_item_id: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class ComparedDomain:
    """A domain of the later edition: the means over the compared items alone."""

    domain_id: str
    before: Fraction
    after: Fraction
    items: tuple[ComparedItem, ...]

    @property
    def change(self) -> Fraction:
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two assessments side by side.

    Attributes:
        before, after: the mean of the means of the compared domains.
        left_out: items of the later edition that apply and are not compared, because they stand for
            none of the earlier one, or because that one did not apply.
    """

    before: Fraction
    after: Fraction
    domains: tuple[ComparedDomain, ...]
    left_out: tuple[str, ...]

    @property
    def change(self) -> Fraction:
        return self.after - self.before


def compare_scores(
    editions: Sequence[Instrument], earlier: Scores, later: Scores
) -> Comparison | None:
    """Compare an earlier with a later assessment; ``None`` where no item may be compared.

    Args:
        editions: from that of the earlier to that of the later assessment; one if it is the same.
        earlier, later: the scores that count of each.
    """
    mapping = map_items(editions)
    domains = []
    for domain in editions[-1].domains:
        items = tuple(
            ComparedItem(item.id, mapping[item.id], earlier[mapping[item.id]], later[item.id])
            for item in domain.items
            if item.id in later and mapping.get(item.id) in earlier
        )
        before = find_mean(each.before for each in items)
        after = find_mean(each.after for each in items)
        if before is not None and after is not None:
            domains.append(ComparedDomain(domain.id, before, after, items))
    before = find_mean(each.before for each in domains)
    after = find_mean(each.after for each in domains)
    if before is None or after is None:
        return None
    compared = {item.item_id for domain in domains for item in domain.items}
    left_out = tuple(each for each in later if each not in compared)
    return Comparison(before, after, tuple(domains), left_out)
