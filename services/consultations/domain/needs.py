"""Ranked needs: what many people say is needed, by centre and by kind of organisation.

A *need* is the mean of what people said on its scale, without those to whom it does not apply.
Needs are ranked by it, the greatest first; equal ones share a rank.

Small groups are hidden, from staff too: people were promised it when they were asked. Of a group of
fewer than 5 people nothing is shown, nor of those that would give it away by subtraction
(``services/common/suppression.py``); a need that fewer than 5 have spoken of is hidden likewise,
and of each need by its own numbers. Needs are ranked once, when the campaign is closed, so that
nobody subtracts yesterday's figures from today's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from fractions import Fraction
from typing import Any, ClassVar

from services.common.forms.questions import (
    NOT_APPLICABLE,
    WITH_CHOICES,
    WITH_LENGTH,
    Answers,
    Form,
    Name,
    Question,
)
from services.common.suppression import LEAST_SHOWN, hide_in_row
from services.consultations.domain.needs_studies import NeedsStudy

#: The group of those who left the question out.
UNKNOWN = "unknown"


class GroupedBy(StrEnum):
    """What respondents are grouped by."""

    CENTRE = "centre"
    ORGANISATION_KIND = "organisation_kind"


@dataclass(frozen=True, slots=True)
class RankedNeed:
    """One need of some people.

    Attributes:
        label: the question's words.
        people: how many said how much; ``None`` where that is hidden.
        need: the mean, in hundredths; ``None`` where it is hidden or nobody spoke of it.
        rank: 1 for the greatest; ``None`` without a mean.
    """

    question_id: str
    topic_id: str | None
    case_kind: str | None
    label: Name
    people: int | None
    need: int | None
    rank: int | None


@dataclass(frozen=True, slots=True)
class NeedsOfGroup:
    """The needs of the people of one group.

    Attributes:
        group: a centre's id, or a choice of the question about the kind of organisation.
        label: the choice's words; ``None`` for those who left the question out.
        people: ``None`` where that is hidden; then there are no needs.
        needs: by rank; those without one last.
    """

    group: str
    label: Name | None
    people: int | None
    needs: tuple[RankedNeed, ...] = ()


@dataclass(frozen=True, slots=True)
class AnswerCount:
    """How many gave one answer; ``None`` where that is hidden."""

    answer: str
    label: Name
    people: int | None


@dataclass(frozen=True, slots=True)
class OtherQuestion:
    """What people said to a question that is not ranked, such as what makes it hard to attend.

    Attributes:
        people: how many answered it; ``None`` where they are fewer than 5, and no counts are shown.
    """

    question_id: str
    label: Name
    people: int | None
    counts: tuple[AnswerCount, ...] = ()


@dataclass(frozen=True, slots=True)
class RankedNeeds:
    """What a campaign has found.

    Attributes:
        least, most: the ends of the scale.
        people: how many answered; ``None`` where they are fewer than 5; then nothing is shown.
        needs: of all together, by rank.
        groups: by what respondents are grouped by.
        others: the other questions with choices.
    """

    least: int
    most: int
    people: int | None
    needs: tuple[RankedNeed, ...] = ()
    groups: Mapping[str, tuple[NeedsOfGroup, ...]] = field(default_factory=dict)
    others: tuple[OtherQuestion, ...] = ()

    def of_group(self, by: GroupedBy, group: str) -> NeedsOfGroup | None:
        """A group whose needs are shown."""
        found = self.groups.get(by.value, ())
        return next((each for each in found if each.group == group and each.needs), None)


@dataclass(frozen=True, slots=True)
class CampaignResult:
    """What a campaign has found, as it is kept.

    Attributes:
        id: of the campaign.
    """

    kind: ClassVar[str] = "campaign_result"

    id: str
    study_id: str
    closed_at: datetime
    found: RankedNeeds
    version: int = 1


def rank_needs(study: NeedsStudy, form: Form, answers: Sequence[Answers]) -> RankedNeeds:
    """The ranked needs of everybody who answered.

    Args:
        form: the edition that was answered.
        answers: of each respondent.
    """
    least, most = _scale(study, form)
    if len(answers) < LEAST_SHOWN:
        return RankedNeeds(least, most, None)
    everybody = [_said(study, each) for each in answers]
    groups = {
        by.value: _needs_by_group(study, form, by, answers, everybody)
        for by in GroupedBy
        if _question(study, by) is not None
    }
    return RankedNeeds(
        least,
        most,
        len(answers),
        _ranked(study, form, everybody, frozenset()),
        groups,
        tuple(_counted(each, answers) for each in _others(study, form)),
    )


@dataclass(frozen=True, slots=True)
class PlacedText:
    """One of the texts that people have said, at its place in their order, from 1."""

    place: int
    text: str


def texts_said(form: Form, question_id: str, answers: Iterable[Answers]) -> list[PlacedText] | None:
    """What people have said in words to a question, in the order of the words: neither who nor when
    follows from a place. Nothing where fewer than 5 people have; ``None`` where there is no such
    question, or its answers may say who has answered.
    """
    question = form.question(question_id)
    if question is None or question.kind not in WITH_LENGTH or question.identifying:
        return None
    said = sorted(str(each[question_id]) for each in answers if each.get(question_id))
    if len(said) < LEAST_SHOWN:
        return []
    return [PlacedText(place, text) for place, text in enumerate(said, start=1)]


def _others(study: NeedsStudy, form: Form) -> list[Question]:
    grouping = {study.centre_question, study.kind_question}
    return [
        each for each in form.questions if each.kind in WITH_CHOICES and each.id not in grouping
    ]


def _counted(question: Question, answers: Sequence[Answers]) -> OtherQuestion:
    """How many gave each answer. Where several may be given, people are in several counts; what is
    hidden is hidden as if each were in one."""
    given = [each[question.id] for each in answers if question.id in each]
    if 0 < len(given) < LEAST_SHOWN:
        return OtherQuestion(question.id, question.label, None)
    counts = {choice.id: 0 for choice in question.choices}
    for answer in given:
        for chosen in (answer,) if isinstance(answer, str) else answer:
            counts[chosen] += 1
    hidden = hide_in_row(counts)
    return OtherQuestion(
        question.id,
        question.label,
        len(given),
        tuple(
            AnswerCount(each.id, each.label, None if each.id in hidden else counts[each.id])
            for each in question.choices
        ),
    )


def _scale(study: NeedsStudy, form: Form) -> tuple[int, int]:
    question = form.question(study.needs[0].question_id)
    assert question is not None, "a study fits its form"
    assert question.minimum is not None
    assert question.maximum is not None
    return int(question.minimum), int(question.maximum)


def _question(study: NeedsStudy, by: GroupedBy) -> str | None:
    return study.centre_question if by is GroupedBy.CENTRE else study.kind_question


def _said(study: NeedsStudy, answers: Answers) -> dict[str, int]:
    """What one respondent said of each need."""
    given = {each.question_id: answers.get(each.question_id) for each in study.needs}
    return {name: value for name, value in given.items() if value not in (None, NOT_APPLICABLE)}


def _needs_by_group(
    study: NeedsStudy,
    form: Form,
    by: GroupedBy,
    answers: Sequence[Answers],
    everybody: Sequence[Mapping[str, int]],
) -> tuple[NeedsOfGroup, ...]:
    question = form.question(_question(study, by) or "")
    labels: dict[str, Name] = {each.id: each.label for each in question.choices} if question else {}
    members: dict[str, list[Mapping[str, int]]] = {each: [] for each in (*labels, UNKNOWN)}
    for given, said in zip(answers, everybody, strict=True):
        members[_group(given, question.id if question else "", labels)].append(said)
    counts = {group: len(people) for group, people in members.items()}
    hidden = hide_in_row(counts)
    hidden_needs = {
        need.question_id: _groups_hiding(members, need.question_id) for need in study.needs
    }
    return tuple(
        NeedsOfGroup(group, labels.get(group), None)
        if group in hidden
        else NeedsOfGroup(
            group,
            labels.get(group),
            counts[group],
            _ranked(
                study,
                form,
                people,
                frozenset(name for name, groups in hidden_needs.items() if group in groups),
            ),
        )
        for group, people in members.items()
    )


def _group(answers: Answers, question_id: str, labels: Mapping[str, Any]) -> str:
    answer = answers.get(question_id)
    return str(answer) if answer in labels else UNKNOWN


def _groups_hiding(
    members: Mapping[str, Sequence[Mapping[str, int]]], question_id: str
) -> frozenset[str]:
    """The groups that hide one need: too few of them have spoken of it, or it would give another
    group away."""
    spoken = {
        group: sum(question_id in said for said in people) for group, people in members.items()
    }
    return hide_in_row(spoken)


def _ranked(
    study: NeedsStudy,
    form: Form,
    people: Sequence[Mapping[str, int]],
    hidden: frozenset[str],
) -> tuple[RankedNeed, ...]:
    """The needs of these people by rank.

    Args:
        hidden: questions whose need is not shown.
    """
    means: dict[str, Fraction] = {}
    spoken: dict[str, int] = {}
    for need in study.needs:
        levels = [said[need.question_id] for said in people if need.question_id in said]
        spoken[need.question_id] = len(levels)
        if need.question_id not in hidden and len(levels) >= LEAST_SHOWN:
            means[need.question_id] = Fraction(sum(levels), len(levels))
    found = [
        RankedNeed(
            question_id=need.question_id,
            topic_id=need.topic_id,
            case_kind=need.case_kind,
            label=_label(form, need.question_id),
            people=_shown(spoken[need.question_id], need.question_id in hidden),
            need=in_hundredths(means.get(need.question_id)),
            rank=_rank(means.get(need.question_id), means.values()),
        )
        for need in study.needs
    ]
    return tuple(sorted(found, key=lambda each: len(found) + 1 if each.rank is None else each.rank))


def _shown(people: int, hidden: bool) -> int | None:
    return None if hidden or 0 < people < LEAST_SHOWN else people


def _label(form: Form, question_id: str) -> Name:
    question = form.question(question_id)
    assert question is not None, "a study fits its form"
    return question.label


def in_hundredths(mean: Fraction | None) -> int | None:
    """A mean in hundredths, halves away from zero."""
    return None if mean is None else int(mean * 100 + Fraction(1, 2))


def _rank(mean: Fraction | None, means: Iterable[Fraction]) -> int | None:
    """1 and one more for each mean that is greater; equal ones share a rank."""
    return None if mean is None else 1 + sum(each > mean for each in means)


# -- the same study another time ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ComparedNeed:
    """One need in two campaigns.

    Attributes:
        change: in hundredths; above zero where it is greater than before; ``None`` unless both
            campaigns show it on the same scale.
    """

    question_id: str
    topic_id: str | None
    case_kind: str | None
    label: Name
    before: int | None
    now: int | None
    change: int | None
    rank_before: int | None
    rank_now: int | None


def compare_needs(earlier: RankedNeeds, later: RankedNeeds) -> tuple[ComparedNeed, ...]:
    """The needs of the later campaign, in its order, beside those of the earlier one.

    A question that keeps its id is taken for the same question: where its meaning changes it gets
    another id. Other people may have answered: a change is a change of what people say.
    """
    same_scale = (earlier.least, earlier.most) == (later.least, later.most)
    before = {each.question_id: each for each in earlier.needs} if same_scale else {}
    return tuple(_compared(each, before.get(each.question_id)) for each in later.needs)


def _compared(now: RankedNeed, before: RankedNeed | None) -> ComparedNeed:
    was = before.need if before else None
    return ComparedNeed(
        question_id=now.question_id,
        topic_id=now.topic_id,
        case_kind=now.case_kind,
        label=now.label,
        before=was,
        now=now.need,
        change=None if was is None or now.need is None else now.need - was,
        rank_before=before.rank if before else None,
        rank_now=now.rank,
    )
