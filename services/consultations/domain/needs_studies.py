"""Needs studies: which questions of a form say how much of what is needed, and who asks.

A study is repeated: each time is a campaign. What is ranked are questions with a scale; each is
about one field of need, which may be a topic of trainings. One question says at which centre a
respondent is, and one of what kind the respondent's organisation is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from services.common.contracts.form_words import Kind
from services.common.forms.questions import Form, Question

Name = Mapping[str, str]
Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Need:
    """A question whose scale says how much of something is needed.

    Attributes:
        topic_id: the topic of trainings that answers the need; ``None`` where there is none.
        case_kind: the kind of consultation that answers it; ``None`` where there is none.
    """

    question_id: str
    topic_id: str | None = None
    case_kind: str | None = None


@dataclass(frozen=True, slots=True)
class NeedsStudy:
    """A study that campaigns repeat.

    Attributes:
        form_id: the form that is answered.
        needs: in the order in which equal needs are shown.
        centre_question: whose choices are ids of centres; ``None`` where it is not asked.
        kind_question: whose choices are kinds of organisations; ``None`` where it is not asked.
    """

    kind: ClassVar[str] = "needs_study"

    id: str
    title: Name
    form_id: str
    needs: tuple[Need, ...]
    centre_question: str | None = None
    kind_question: str | None = None
    version: int = 1

    def changed(self, **changes: Any) -> NeedsStudy:
        """The study with these changes, as the next version."""
        return replace(self, **changes, version=self.version + 1)

    @property
    def facts(self) -> dict[str, Any]:
        """What a history says of it, in wire form."""
        return {
            "title": dict(self.title),
            "needs": [each.question_id for each in self.needs],
            "centre_question": self.centre_question,
            "kind_question": self.kind_question,
        }


def find_faults(
    study: NeedsStudy, form: Form, centres: Collection[str]
) -> Iterator[tuple[Place, str]]:
    """Where a study does not fit its form: the place, and the code of the fault.

    Args:
        centres: the ids of all that there are.
    """
    seen: set[str] = set()
    scale: tuple[Any, Any] | None = None
    for number, need in enumerate(study.needs):
        place = ("needs", number, "question_id")
        question = form.question(need.question_id)
        if need.question_id in seen:
            yield place, "each_once"
        elif question is None or question.kind is not Kind.SCALE:
            yield place, "not_an_answer"
        elif scale not in (None, (question.minimum, question.maximum)):
            # Needs on different scales cannot be ranked.
            yield place, "scale_levels"
        else:
            scale = (question.minimum, question.maximum)
        seen.add(need.question_id)
    for name in ("centre_question", "kind_question"):
        asked = getattr(study, name)
        if asked is not None and _choices(form.question(asked)) is None:
            yield (name,), "not_an_answer"
    offered = _choices(form.question(study.centre_question or "")) or frozenset()
    if not offered <= set(centres):
        yield ("centre_question",), "unknown"


def _choices(question: Question | None) -> frozenset[str] | None:
    """The choices of a question with one answer; ``None`` of any other."""
    if question is None or question.kind is not Kind.CHOICE:
        return None
    return frozenset(each.id for each in question.choices)
