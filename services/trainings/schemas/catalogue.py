"""Topics and courses: commands in, wire form out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.common.contracts.trainings import catalogue as contract
from services.common.lists import after_id, by_id, page_to_wire
from services.trainings.domain.catalogue import Course, Name, Topic
from services.trainings.domain.earning import EarningRule
from services.trainings.schemas import Request

_list_courses = contract.ListCourses()
_add_course = contract.AddCourse()
_change_course = contract.ChangeCourse()


@dataclass(frozen=True, slots=True)
class ListCourses:
    topic_id: str | None
    search: str | None
    limit: int
    after: str | None


@dataclass(frozen=True, slots=True)
class AddCourse:
    topic_id: str
    title: Name
    summary: Name
    hours: int
    prerequisites: tuple[str, ...]
    earning: EarningRule
    certificate_months: int | None


@dataclass(frozen=True, slots=True)
class ChangeCourse:
    """``changes`` holds what was said: title, summary, hours, prerequisites, earning, retired."""

    id: str
    expected_version: int
    changes: Mapping[str, Any]
    reason: str | None = None


def list_courses(request: Request) -> ListCourses:
    data = _list_courses.load(request)
    after = data.pop("after")
    return ListCourses(**data, after=after_id(after))


def add_course(request: Request) -> AddCourse:
    return AddCourse(**_domain(_add_course.load(request)))


def change_course(request: Request) -> ChangeCourse:
    data = _change_course.load(request)
    return ChangeCourse(
        id=data.pop("id"),
        expected_version=data.pop("expected_version"),
        reason=data.pop("reason"),
        changes=_domain(data),
    )


def _domain(data: Mapping[str, Any]) -> dict[str, Any]:
    """What was said, as a course has it."""
    said = dict(data)
    if "prerequisites" in said:
        said["prerequisites"] = tuple(said["prerequisites"])
    if "earning" in said:
        said["earning"] = EarningRule(**said["earning"])
    return said


def topic(value: Topic) -> dict[str, Any]:
    return {
        "id": value.id,
        "name": dict(value.name),
        "in_demand": value.in_demand,
        "version": value.version,
    }


def course(value: Course) -> dict[str, Any]:
    return {"id": value.id, **value.facts, "version": value.version}


def course_page(values: Sequence[Course], limit: int) -> dict[str, Any]:
    return page_to_wire(values, limit, course, by_id)
