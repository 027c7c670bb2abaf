"""Ratings: by a link that is for one closing of a case, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from services.common import errors
from services.common.context import SYSTEM, Call
from services.common.contracts.consultations import events
from services.common.contracts.consultations.rating_errors import (
    NOTHING_TO_RATE,
    RATING_LINK_EXPIRED,
    RATING_LINK_UNKNOWN,
)
from services.common.storage.mongo import Session
from services.consultations.app import App
from services.consultations.domain.case_access import Reading
from services.consultations.domain.ratings import LINK_PURPOSE, Rating
from services.consultations.domain.tasks import TaskKind
from services.consultations.operations.cases import get_case
from services.consultations.schemas.ratings import RateByLink
from services.consultations.steps.case_events import save_case
from services.consultations.steps.case_reading import read_case
from services.consultations.steps.tasks import open_task


def make_rating_link(app: App, call: Call, case_id: str) -> tuple[str, datetime]:
    """The token of the link by which the last closing of a case is rated, and until when it is
    valid. The same each time.

    Raises:
        errors.Unauthenticated: for a visitor.
        errors.NotFound: if there is no case that the caller may know of; and by a break-glass
            grant, since who has the link writes down a rating.
        errors.Conflict: ``consultations.nothing_to_rate`` where it was not closed yet.
    """
    case = get_case(app, call, case_id)
    if case.sealed and call.caller.id not in case.people:
        raise errors.NotFound()
    ratings = app.ratings.of_case(case.id)
    if not ratings:
        raise NOTHING_TO_RATE()
    last = ratings[-1]
    return app.links.expiring_token(LINK_PURPOSE, last.id, last.expires_at), last.expires_at


def get_rating(app: App, call: Call, case_id: str) -> Rating:
    """How the last closing of a case was rated.

    Raises:
        errors.Unauthenticated: for a visitor.
        errors.NotFound: if there is no case that the caller may know of, or it was never closed.
    """
    case = read_case(app, call.caller, case_id, Reading.RATING)
    ratings = app.ratings.of_case(case.id)
    if not ratings:
        raise errors.NotFound()
    return ratings[-1]


def open_rating(app: App, call: Call, token: str) -> Rating:
    """What the holder of a link rates.

    Raises:
        errors.NotFound: ``consultations.rating_link_unknown``.
        errors.Conflict: ``consultations.rating_link_expired``.
    """
    return _opened(app, token)


def rate_by_link(app: App, call: Call, command: RateByLink) -> Rating:
    """Rate the closing behind a link, once. A low score opens a task to look at the case.

    Raises:
        errors.NotFound, errors.Conflict: as of :func:`open_rating`.
        errors.Conflict: ``consultations.rated_already``, with another answer.
    """

    def work(session: Session) -> Rating:
        before = _opened(app, command.token, session)
        after = before.rated(command.score, command.remark, app.clock.now())
        if after is before:
            return before
        app.ratings.save(session, after, before.version)
        case = app.cases.get(after.case_id, session)
        changed = replace(case, version=case.version + 1)
        # Who holds a link is not known by name.
        save_case(app, session, SYSTEM, events.CASE_RATED, case, changed, action="rate")
        if after.low:
            open_task(
                app,
                session,
                TaskKind.REVIEW_RATING,
                subject=after.id,
                centre_id=after.centre_id,
                case=case,
                people=case.adviser_ids if case.sealed else (),
            )
        return after

    return app.database.transact(work)


def _opened(app: App, token: str, session: Session | None = None) -> Rating:
    """Raises:
    errors.NotFound: ``consultations.rating_link_unknown``.
    errors.Conflict: ``consultations.rating_link_expired``.
    """
    link = app.links.read(token, LINK_PURPOSE)
    found = None if link is None else app.ratings.look_up(link.subject, session)
    if link is None or found is None:
        raise RATING_LINK_UNKNOWN()
    if link.expires_at <= app.clock.now():
        raise RATING_LINK_EXPIRED()
    return found
