"""Tasks: what there is to do, and saying that it is done."""

from __future__ import annotations

from services.common import errors
from services.common.authorisation import check_signed_in
from services.common.context import Call
from services.common.lists import one_more
from services.common.storage.mongo import Session
from services.consultations.app import App
from services.consultations.domain.tasks import Task
from services.consultations.schemas.tasks import CloseTask, ListTasks
from services.consultations.steps import tasks as steps


def find_tasks(app: App, call: Call, query: ListTasks) -> list[Task]:
    """Tasks of the caller and of the centres whose staff the caller is, by id; one more than a page
    where there are more.

    Raises:
        errors.Unauthenticated: for a visitor.
    """
    check_signed_in(call.caller)
    return app.tasks.find(
        caller=call.caller,
        own_cases=app.cases.ids_of(call.caller),
        centre_id=query.centre_id,
        case_id=query.case_id,
        what=query.what,
        open=query.open,
        after=query.after,
        limit=one_more(query.limit),
    )


def close_task(app: App, call: Call, command: CloseTask) -> Task:
    """Say that a task is done; one that is closed stays as it is.

    Raises:
        errors.Unauthenticated: for a visitor.
        errors.NotFound: if there is none that the caller may know of.
        errors.Stale: it is not at the expected version any more.
    """
    check_signed_in(call.caller)

    own_cases = app.cases.ids_of(call.caller)

    def work(session: Session) -> Task:
        before = app.tasks.get_visible(command.id, call.caller, own_cases, session)
        if before.version != command.expected_version:
            raise errors.Stale()
        return steps.close_task(app, session, call.caller, before)

    return app.database.transact(work)
