"""How much was learned between a pre-test and a post-test, as exact fractions.

- Of a cohort: the gain of the average, R. R. Hake, "Interactive-engagement versus traditional
  methods", American Journal of Physics 66 (1998): (mean post - mean pre) / (100 - mean pre).
- Of a person: the normalised change, J. D. Marx and K. Cummings, "Normalized change", American
  Journal of Physics 75 (2007): a gain over what there was to gain, a loss over what there was to
  lose, and none for who is at the top or at the bottom both times.

Only people who took both tests are paired. Scores are percentages from 0 to 100. No result is ever
infinite or undefined: where there is no number there is a reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

HUNDRED = Fraction(100)


class NoGain(StrEnum):
    """Why there is no number."""

    CEILING = "ceiling"
    FLOOR = "floor"
    NO_PRE_TEST = "no_pre_test"
    NO_POST_TEST = "no_post_test"
    NO_PAIRS = "no_pairs"


@dataclass(frozen=True, slots=True)
class Scores:
    """A person's two tests, in percent; ``None`` for one that was not taken.

    Raises:
        ValueError: a score is outside 0 to 100.
    """

    person_id: str
    pre: Fraction | None
    post: Fraction | None

    def __post_init__(self) -> None:
        for score in (self.pre, self.post):
            if score is not None and not 0 <= score <= HUNDRED:
                raise ValueError(f"a score is from 0 to 100 percent, not {score}")


@dataclass(frozen=True, slots=True)
class Gain:
    """A number or the reason why there is none, never both.

    Attributes:
        value: of a person from -1 to 1; of a cohort at most 1.
    """

    value: Fraction | None
    reason: NoGain | None = None


@dataclass(frozen=True, slots=True)
class CohortGain:
    """What a cohort has learned.

    Attributes:
        mean_pre: in percent, of the paired people; ``None`` without any.
        pairs: number of people who took both tests.
        unpaired: number of people who took one of them.
    """

    gain: Gain
    mean_pre: Fraction | None
    mean_post: Fraction | None
    pairs: int
    unpaired: int


def gain_of_cohort(scores: Iterable[Scores]) -> CohortGain:
    """The gain of the average over the paired people. Who took no test is not counted at all."""
    people = list(scores)
    pairs = [(p.pre, p.post) for p in people if p.pre is not None and p.post is not None]
    unpaired = sum((p.pre is None) != (p.post is None) for p in people)
    if not pairs:
        return CohortGain(Gain(None, NoGain.NO_PAIRS), None, None, 0, unpaired)
    pre = sum((p for p, _ in pairs), Fraction()) / len(pairs)
    post = sum((p for _, p in pairs), Fraction()) / len(pairs)
    gain = Gain(None, NoGain.CEILING) if pre == HUNDRED else Gain((post - pre) / (HUNDRED - pre))
    return CohortGain(gain, pre, post, len(pairs), unpaired)


def gain_of_person(scores: Scores) -> Gain:
    """The normalised change of one person."""
    pre, post = scores.pre, scores.post
    if pre is None:
        return Gain(None, NoGain.NO_PRE_TEST)
    if post is None:
        return Gain(None, NoGain.NO_POST_TEST)
    if pre == post == HUNDRED:
        return Gain(None, NoGain.CEILING)
    if pre == post == 0:
        return Gain(None, NoGain.FLOOR)
    if post >= pre:
        # Not at the top both times, so there is something to gain.
        return Gain((post - pre) / (HUNDRED - pre) if pre < HUNDRED else Fraction())
    return Gain((post - pre) / pre)


# -- scores ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Key:
    """What a question of a test is worth.

    Attributes:
        points: for a right answer; more than 0.
        right: the answers that are right. A question that takes several choices is right if
            exactly these are chosen; any other if its answer is one of them.
    """

    points: int
    right: frozenset[str | int | float]


def points_of(keys: Mapping[str, Key], answers: Mapping[str, object]) -> tuple[int, int]:
    """Points of the answers to a test, and how many there are to get.

    Args:
        keys: by the question's id; a question without one is worth nothing.
        answers: by the question's id. A question that was left out is wrong.
    """
    got = sum(key.points for of, key in keys.items() if _is_right(key, answers.get(of)))
    return got, sum(key.points for key in keys.values())


def _is_right(key: Key, answer: object) -> bool:
    if isinstance(answer, list | tuple | set | frozenset):
        return frozenset(answer) == key.right
    return answer is not None and answer in key.right


def percent_of(points: int, possible: int) -> Fraction:
    """Points as a percentage.

    Raises:
        ValueError: there are no points to get, or more or fewer were got than there are.
    """
    if possible <= 0 or not 0 <= points <= possible:
        raise ValueError(f"{points} of {possible} points is no score")
    return Fraction(100 * points, possible)


def rounded(value: Fraction, places: int = 4) -> Decimal:
    """The nearest decimal number, for showing it; comparisons take the fraction."""
    return Decimal(round(value * 10**places)).scaleb(-places)
