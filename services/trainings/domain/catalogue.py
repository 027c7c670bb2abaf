"""Topics and courses: what the centre teaches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, ClassVar

from services.common.contracts.trainings.errors import PREREQUISITE_CIRCLE
from services.common.errors import FieldError
from services.trainings.domain.earning import EarningRule

Name = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Topic:
    """A field of work that courses are about.

    Attributes:
        id: short readable name, such as ``project-management``.
        in_demand: whether the needs study named it most often.
    """

    id: str
    name: Name
    in_demand: bool = False
    version: int = 1


#: What a course asks for where nobody has said otherwise.
USUAL_RULE = EarningRule(least_attendance=80)


@dataclass(frozen=True, slots=True)
class Course:
    """What is taught: a cohort is one scheduled delivery of it.

    Attributes:
        hours: of training, as the certificate says.
        prerequisites: ids of the courses whose certificate a participant has before.
        certificate_months: after which a certificate expires; ``None``: never.
        retired: whether no new cohort can be made.
    """

    kind: ClassVar[str] = "course"

    id: str
    topic_id: str
    title: Name
    summary: Name
    hours: int
    prerequisites: tuple[str, ...] = ()
    earning: EarningRule = USUAL_RULE
    certificate_months: int | None = None
    retired: bool = False
    version: int = 1
    added_at: datetime | None = None

    def changed(self, changes: Mapping[str, Any]) -> Course:
        """The course with these changes; the course itself where nothing differs."""
        after = replace(self, **changes)
        return self if after == self else replace(after, version=self.version + 1)

    @property
    def facts(self) -> dict[str, Any]:
        """What a history and an event say of it, in wire form."""
        return {
            "topic_id": self.topic_id,
            "title": dict(self.title),
            "summary": dict(self.summary),
            "hours": self.hours,
            "prerequisites": list(self.prerequisites),
            "earning": asdict(self.earning),
            "certificate_months": self.certificate_months,
            "retired": self.retired,
        }


def check_prerequisites(
    course_id: str, prerequisites: tuple[str, ...], requires: Mapping[str, tuple[str, ...]]
) -> None:
    """Check that a course does not require itself.

    Args:
        requires: the prerequisites of each course that can be reached from these.

    Raises:
        errors.Invalid: ``trainings.prerequisite_circle``, naming the prerequisite that leads back.
    """
    for number, first in enumerate(prerequisites):
        seen: set[str] = set()
        waiting = [first]
        while waiting:
            each = waiting.pop()
            if each == course_id:
                pointer = f"/prerequisites/{number}"
                raise PREREQUISITE_CIRCLE(errors=[FieldError(pointer, PREREQUISITE_CIRCLE.code)])
            if each not in seen:
                seen.add(each)
                waiting.extend(requires.get(each, ()))
