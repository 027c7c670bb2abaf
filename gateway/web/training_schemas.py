"""What every list adds to the filters of trainings."""

from __future__ import annotations

from gateway.web.schemas import ListQuery, flag, page_of
from services.common.contracts.fields import Id, StrictSchema, text
from services.common.contracts.files import LONGEST_NAME
from services.common.contracts.trainings import (
    applications,
    assignments,
    attendance,
    catalogue,
    cohorts,
    imports,
    participants,
    statistics,
    tasks,
    timeline,
)

TopicPage = page_of(catalogue.Topic)
CoursePage = page_of(catalogue.Course)

_SEARCH = {"description": "Words of the title, in any language and spelling."}


class CoursesQuery(ListQuery):
    """Named filters, combined with AND."""

    topic_id = Id(load_default=None)
    search = text(catalogue.LONGEST_QUERY, load_default=None, metadata=_SEARCH)


class CohortsQuery(ListQuery):
    """Named filters, combined with AND."""

    centre_id = Id(load_default=None)
    topic_id = Id(load_default=None)
    course_id = Id(load_default=None)
    status = cohorts.CohortStatus(load_default=None)
    search = text(cohorts.LONGEST_QUERY, load_default=None, metadata=_SEARCH)


CohortPage = page_of(cohorts.Cohort)


class AssignmentsQuery(ListQuery):
    """Named filters, combined with AND."""

    cohort_id = Id(load_default=None)
    trainer_id = Id(load_default=None)
    status = assignments.AssignmentStatus(load_default=None)


AssignmentPage = page_of(assignments.Assignment)


class TasksQuery(ListQuery):
    """Named filters, combined with AND."""

    centre_id = Id(load_default=None)
    cohort_id = Id(load_default=None)
    open = flag(load_default=None)


TaskPage = page_of(tasks.Task)


class ParticipantsQuery(ListQuery):
    """Named filters, combined with AND."""

    organisation_id = Id(load_default=None)
    search = text(
        participants.LONGEST_QUERY,
        load_default=None,
        metadata={"description": "Words of the name, in any spelling."},
    )


ParticipantPage = page_of(participants.Participant)
DuplicatePage = page_of(participants.Duplicate)


class ApplicationsQuery(ListQuery):
    """Named filters, combined with AND."""

    organisation_id = Id(load_default=None)
    status = applications.ApplicationStatus(load_default=None)


ApplicationPage = page_of(applications.Application)


class ExportQuery(StrictSchema):
    kind = imports.TableKind(required=True)
    format = imports.TableFormat(load_default="csv")


class FileQuery(StrictSchema):
    name = text(
        LONGEST_NAME,
        required=True,
        metadata={"description": "The name of the file, with its ending."},
    )


class ImportQuery(FileQuery):
    kind = imports.TableKind(required=True)
    mode = imports.ImportMode(
        load_default="check",
        metadata={
            "description": "`check` imports nothing; `whole` nothing if one row has a fault; "
            "`partial` the rows without a fault."
        },
    )


AttendanceEntryPage = page_of(attendance.AttendanceEntry)
TimelinePage = page_of(timeline.TimelineLine)
FrozenPeriodPage = page_of(statistics.FrozenPeriod)
