"""Topics and courses on the wire.

============== ======================== =============
method         request                  result
============== ======================== =============
list_topics    Page                     TopicList
list_courses   ListCourses              CourseList
get_course     ById                     Course
add_course     AddCourse (with key)     Course
change_course  ChangeCourse             Course
course_history ListHistory              HistoryList
============== ======================== =============
"""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from services.common.contracts.fields import (
    Id,
    LocalisedText,
    Page,
    StrictSchema,
    Truth,
    integer,
    text,
)
from services.common.contracts.trainings.limits import (
    LONGEST_REASON,
    LONGEST_SUMMARY,
    LONGEST_TITLE,
    MOST_HOURS,
    MOST_PREREQUISITES,
)

LONGEST_QUERY = 100
LONGEST_VALIDITY_MONTHS = 120


class Topic(Schema):
    id = Id(required=True)
    name = LocalisedText(required=True)
    in_demand = fields.Boolean(
        required=True, metadata={"description": "Whether the needs study named it most often."}
    )
    version = fields.Integer(required=True)


class TopicList(Schema):
    items = fields.List(fields.Nested(Topic), required=True)
    next = fields.List(fields.Raw(), allow_none=True)


class EarningRule(StrictSchema):
    """What a participant must reach to earn the certificate of a course; all that is set holds."""

    least_attendance = integer(
        1,
        100,
        load_default=80,
        allow_none=True,
        metadata={
            "description": "Percent of the sessions that count: present or late, of those that "
            "were not excused. null: attendance does not matter."
        },
    )
    test_required = Truth(load_default=False)
    least_score = integer(
        0,
        100,
        load_default=None,
        allow_none=True,
        metadata={"description": "Percent of the post-test; it makes the test required."},
    )

    @validates_schema(skip_on_field_errors=True)
    def _something_is_asked(self, data: dict[str, Any], **_: Any) -> None:
        percents = (data["least_attendance"], data["least_score"])
        if percents == (None, None) and not data["test_required"]:
            raise ValidationError({"least_attendance": ["rule_empty"]})


class EarningRuleShown(Schema):
    least_attendance = fields.Integer(required=True, allow_none=True)
    test_required = fields.Boolean(required=True)
    least_score = fields.Integer(required=True, allow_none=True)


def _each_once(value: list[str]) -> None:
    if len(set(value)) != len(value):
        raise ValidationError("each_once")


def _prerequisites(**kwargs: Any) -> fields.List[Any]:
    return fields.List(
        Id(),
        validate=[validate.Length(max=MOST_PREREQUISITES), _each_once],
        metadata={
            "description": "Courses of which a participant has the certificate before.",
            "uniqueItems": True,
        },
        **kwargs,
    )


def _hours(**kwargs: Any) -> Any:
    return integer(
        1,
        MOST_HOURS,
        metadata={"description": "Hours of training, as the certificate says."},
        **kwargs,
    )


def _validity(**kwargs: Any) -> Any:
    return integer(
        1,
        LONGEST_VALIDITY_MONTHS,
        allow_none=True,
        metadata={"description": "Months after which a certificate expires; null: never."},
        **kwargs,
    )


class AddCourse(StrictSchema):
    topic_id = Id(required=True)
    title = LocalisedText(limit=LONGEST_TITLE, printed=True, required=True)
    summary = LocalisedText(limit=LONGEST_SUMMARY, lines=True, required=True)
    hours = _hours(required=True)
    prerequisites = _prerequisites(load_default=list)
    earning = fields.Nested(EarningRule, load_default=lambda: EarningRule().load({}))
    certificate_months = _validity(load_default=None)


class CourseChanges(StrictSchema):
    """What is left out stays as it is. Cohorts that are announced keep the rule they began with."""

    title = LocalisedText(limit=LONGEST_TITLE, printed=True)
    summary = LocalisedText(limit=LONGEST_SUMMARY, lines=True)
    hours = _hours()
    prerequisites = _prerequisites()
    earning = fields.Nested(EarningRule)
    certificate_months = _validity()
    retired = Truth(metadata={"description": "No new cohort can be made; false takes it back."})
    reason = text(LONGEST_REASON, lines=True, load_default=None, allow_none=True)


class ChangeCourse(CourseChanges):
    id = Id(required=True)
    expected_version = integer(1, 2**53, required=True)


class Course(Schema):
    id = Id(required=True)
    topic_id = Id(required=True)
    title = LocalisedText(required=True)
    summary = LocalisedText(required=True)
    hours = fields.Integer(required=True)
    prerequisites = fields.List(Id(), required=True)
    earning = fields.Nested(EarningRuleShown, required=True)
    certificate_months = fields.Integer(required=True, allow_none=True)
    retired = fields.Boolean(required=True)
    version = fields.Integer(required=True)


class CourseList(Schema):
    items = fields.List(fields.Nested(Course), required=True)
    next = fields.List(fields.Raw(), allow_none=True)


class CourseFilters(StrictSchema):
    topic_id = Id(load_default=None, allow_none=True)
    search = text(
        LONGEST_QUERY,
        load_default=None,
        allow_none=True,
        metadata={"description": "Words of the title, in any language and spelling."},
    )


class ListCourses(CourseFilters, Page):
    pass
