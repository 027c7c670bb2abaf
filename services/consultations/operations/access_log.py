"""The access log of a case, for its people."""

from __future__ import annotations

from services.common.authorisation import check_signed_in
from services.common.context import Call
from services.common.lists import one_more
from services.consultations.app import App
from services.consultations.domain import permissions
from services.consultations.domain.case_access import AccessEntry
from services.consultations.schemas.sealing import ListAccess


def list_access(app: App, call: Call, query: ListAccess) -> list[AccessEntry]:
    """Who has read what of a case while it was sealed, and of its sealed notes; the newest first,
    one more than a page where there are more.

    Raises:
        errors.Unauthenticated, errors.NotFound: for who may not know of the case.
        errors.Forbidden: for others than its people.
    """
    check_signed_in(call.caller)
    case = app.cases.get_visible(query.id, call.caller, app.clock.now())
    permissions.check_on_case(call.caller, case)
    return app.access_log.of_case(query.id, after=query.after, limit=one_more(query.limit))
