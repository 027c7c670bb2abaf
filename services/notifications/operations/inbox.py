"""What a person does with the inbox: list, read, archive. Everybody sees their own only."""

from __future__ import annotations

from datetime import datetime

from services.common import errors
from services.common.authorisation import check_signed_in
from services.common.context import Caller
from services.common.lists import by_time, one_more, page_of
from services.notifications.app import App
from services.notifications.domain.inbox import VISIBLE, Action, Inbox, Notification, State


def list_inbox(
    app: App, caller: Caller, *, state: State | None, limit: int, after: tuple[datetime, str] | None
) -> Inbox:
    """The caller's messages in this state; without one, all that are not archived.

    Raises:
        errors.Unauthenticated: if nobody is signed in.
    """
    person = _person(caller)
    states = VISIBLE if state is None else (state,)
    found = app.notifications.page(person, states, limit=one_more(limit), after=after)
    page = page_of(found, limit, lambda each: by_time(each.created_at, each.id))
    return Inbox(page, app.notifications.unread(person))


def get(app: App, caller: Caller, notification_id: str) -> Notification:
    """One of the caller's messages.

    Raises:
        errors.Unauthenticated: if nobody is signed in.
        errors.NotFound: if there is none; also if it is another person's.
    """
    return app.notifications.get(_person(caller), notification_id)


def change(
    app: App, caller: Caller, action: Action, notification_id: str, expected_version: int
) -> Notification:
    """Mark a message as read, or archive it. What is past that already stays as it is.

    Raises:
        errors.NotFound: as :func:`get`.
        errors.Stale: if it has changed since the caller read it.
    """
    notification = get(app, caller, notification_id)
    if notification.version != expected_version:
        raise errors.Stale()
    state = notification.after(action)
    if state is None:
        return notification
    return app.notifications.move(notification, state, app.clock.now())


def _person(caller: Caller) -> str:
    check_signed_in(caller)
    return caller.id
