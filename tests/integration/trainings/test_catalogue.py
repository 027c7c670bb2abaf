"""Topics and courses: what a manager says, and what everybody finds."""

from __future__ import annotations

from typing import Any

import pytest

from services.common import errors
from services.trainings.app import App
from services.trainings.domain.catalogue import Course
from services.trainings.operations import catalogue
from services.trainings.schemas.catalogue import (
    add_course,
    change_course,
    course_page,
    list_courses,
)
from tests.support.bookings import MANAGER, call
from tests.support.trainings import course_request, events_of, offer


def change(app: App, course: Course, **changes: Any) -> Course:
    command = change_course({"id": course.id, "expected_version": course.version, **changes})
    return catalogue.change_course(app, call(MANAGER), command)


def found(app: App, **query: Any) -> list[str]:
    return [each.id for each in catalogue.find_courses(app, list_courses(query))]


def test_a_course_is_told_with_the_change(app: App) -> None:
    course = offer(app)
    after = change(app, course, hours=24)
    assert [(e["type"], e["data"]["hours"]) for e in events_of(app, course.id)] == [
        ("trainings.course.added", 20),
        ("trainings.course.changed", 24),
    ]
    assert (after.hours, after.version) == (24, 2)
    assert app.courses.get(course.id) == after


def test_the_same_key_gives_the_same_course(app: App) -> None:
    command = add_course(course_request())
    first, second = (catalogue.add_course(app, call(MANAGER, "one"), command) for _ in range(2))
    assert first == second
    assert found(app) == [first.id]


def test_a_request_that_changes_nothing_keeps_the_version(app: App) -> None:
    course = offer(app)
    assert change(app, course, hours=20) == course
    assert len(events_of(app, course.id)) == 1


def test_a_change_of_an_old_version_is_stale(app: App) -> None:
    course = offer(app)
    change(app, course, hours=24)
    with pytest.raises(errors.Stale):
        change(app, course, hours=30)


def test_topic_and_prerequisites_must_exist(app: App) -> None:
    with pytest.raises(errors.Invalid, match=r"trainings\.unknown_topic"):
        offer(app, topic_id="cooking")
    with pytest.raises(errors.Invalid, match=r"trainings\.unknown_course") as refused:
        offer(app, prerequisites=[offer(app).id, "nothing"])
    assert [each.pointer for each in refused.value.errors] == ["/prerequisites/1"]


def test_courses_cannot_require_each_other_in_a_circle(app: App) -> None:
    first = offer(app)
    second = offer(app, prerequisites=[first.id])
    third = offer(app, prerequisites=[second.id])
    with pytest.raises(errors.Invalid, match=r"trainings\.prerequisite_circle"):
        change(app, first, prerequisites=[third.id])
    with pytest.raises(errors.Invalid, match=r"trainings\.prerequisite_circle"):
        change(app, first, prerequisites=[first.id])
    assert app.courses.get(first.id) == first


def test_a_retired_course_is_found_by_its_id_alone(app: App) -> None:
    course = offer(app)
    change(app, course, retired=True)
    assert found(app) == []
    assert catalogue.get_course(app, course.id).retired
    change(app, catalogue.get_course(app, course.id), retired=False)
    assert found(app) == [course.id]


@pytest.mark.parametrize("words", ["اداره", "إدارة المشا", "project", "MANAGEMENT proj"])
def test_courses_are_found_by_words_of_any_spelling(app: App, words: str) -> None:
    course = offer(app)
    offer(app, topic_id="report-writing", title={"ar": "كتابة التقارير", "en": "Report writing"})
    assert found(app, search=words) == [course.id]


def test_a_list_goes_on_where_its_page_ended(app: App) -> None:
    ids = sorted(offer(app).id for _ in range(3))
    first = course_page(catalogue.find_courses(app, list_courses({"limit": 2})), 2)
    rest = found(app, limit=2, after=first["next"])
    assert [each["id"] for each in first["items"]] + rest == ids
