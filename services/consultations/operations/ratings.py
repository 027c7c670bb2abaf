"""Ratings: by a link that is for one closing of a case, and nothing else.

A link is for one person of the organisation. It is void when the person leaves the organisation.
"""

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
from services.common.directory.people import ADVISER, FRONT_DESK, MANAGER
from services.common.storage.mongo import Session
from services.consultations.app import App
from services.consultations.domain import permissions
from services.consultations.domain.case_access import Reading
from services.consultations.domain.ratings import LINK_PURPOSE, Rating, RatingLink
from services.consultations.domain.tasks import TaskKind
from services.consultations.operations.cases import get_case
from services.consultations.schemas.ratings import RateByLink
from services.consultations.steps.case_events import save_case
from services.consultations.steps.case_reading import read_case
from services.consultations.steps.tasks import open_task

STAFF = frozenset({ADVISER, FRONT_DESK, MANAGER})


def make_rating_link(app: App, call: Call, case_id: str) -> tuple[str, datetime]:
    """The token of the caller's own link by which the last closing of a case is rated, and until
    when it is valid. The same each time.

    Raises:
        errors.Unauthenticated: for a visitor.
        errors.NotFound: if there is no case that the caller may know of; and by a break-glass
            grant.
        errors.Forbidden: for anybody but people of the organisation who do not work for the
            centres.
        errors.Conflict: ``consultations.nothing_to_rate`` where it was not closed yet.
    """
    case = get_case(app, call, case_id)
    if case.sealed and not permissions.is_on_case(call.caller, case):
        raise errors.NotFound()
    permissions.check_may_rate(call.caller, case)

    def work(session: Session) -> tuple[Rating, RatingLink]:
        ratings = app.ratings.of_case(case.id, session)
        if not ratings:
            raise NOTHING_TO_RATE()
        last = ratings[-1]
        link = last.link_of(call.caller.id)
        if link is None:
            link = RatingLink(app.random_id(), call.caller.id)
            app.ratings.add_link(session, last.id, link)
        return last, link

    last, link = app.database.transact(work)
    return app.links.expiring_token(LINK_PURPOSE, link.id, last.expires_at), last.expires_at


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
        errors.NotFound: ``consultations.rating_link_unknown``; also where the person who asked for
            it does not belong to the organisation any more, and for who works for the centres.
        errors.Conflict: ``consultations.rating_link_expired``.
    """
    return _opened(app, call, token)


def rate_by_link(app: App, call: Call, command: RateByLink) -> Rating:
    """Rate the closing behind a link, once. A low score opens a task to look at the case.

    Raises:
        errors.NotFound, errors.Conflict: as of :func:`open_rating`.
        errors.Conflict: ``consultations.rated_already``, with another answer.
    """

    def work(session: Session) -> Rating:
        before = _opened(app, call, command.token, session)
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


def _opened(app: App, call: Call, token: str, session: Session | None = None) -> Rating:
    """Raises:
    errors.NotFound: ``consultations.rating_link_unknown``.
    errors.Conflict: ``consultations.rating_link_expired``.
    """
    link = app.links.read(token, LINK_PURPOSE)
    found = None if link is None else app.ratings.of_link(link.subject, session)
    if link is None or found is None or permissions.works_for_centres(call.caller):
        raise RATING_LINK_UNKNOWN()
    if not _may_rate(app, found.case_id, found.holder_of(link.subject), session):
        raise RATING_LINK_UNKNOWN()
    if link.expires_at <= app.clock.now():
        raise RATING_LINK_EXPIRED()
    return found


def _may_rate(app: App, case_id: str, person_id: str, session: Session | None) -> bool:
    """Whether a person belongs to the organisation of a case still, and works for no centre, by
    what has arrived of both."""
    case = app.cases.get(case_id, session)
    held = app.directory.roles_of([person_id], session).get(person_id)
    if held is not None and (held.gone or held.roles & STAFF):
        return False
    belongs = app.directory.memberships_of(case.organisation_id, [person_id], session)
    return belongs.get(person_id, True)
