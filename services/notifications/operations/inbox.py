"""What a person does with the inbox: list, read, archive. Everybody sees their own only."""

from __future__ import annotations

from services.common import errors
from services.common.authorisation import check_signed_in
from services.common.context import Call
from services.common.lists import by_time, one_more, page_of
from services.notifications.app import App
from services.notifications.domain.inbox import VISIBLE, Action, Inbox, Notification
from services.notifications.schemas import ChangeNotification, ListInbox


def find(app: App, call: Call, query: ListInbox) -> Inbox:
    """The caller's messages in a state; without one, all that are not archived.

    Raises:
        errors.Unauthenticated: if nobody is signed in.
    """
    person = _person(call)
    states = VISIBLE if query.state is None else (query.state,)
    found = app.notifications.page(person, states, limit=one_more(query.limit), after=query.after)
    page = page_of(found, query.limit, lambda each: by_time(each.created_at, each.id))
    return Inbox(page, app.notifications.unread(person))


def get(app: App, call: Call, notification_id: str) -> Notification:
    """One of the caller's messages.

    Raises:
        errors.Unauthenticated: if nobody is signed in.
        errors.NotFound: if there is none; also if it is another person's.
    """
    return app.notifications.get(_person(call), notification_id)


def mark_read(app: App, call: Call, command: ChangeNotification) -> Notification:
    """Mark a message as read. One that is read or archived stays as it is.

    Raises:
        errors.Unauthenticated, errors.NotFound: as :func:`get`.
        errors.Stale: if it has changed since the caller read it.
    """
    return _change(app, call, command, Action.READ)


def archive(app: App, call: Call, command: ChangeNotification) -> Notification:
    """Archive a message. One that is archived stays as it is.

    Raises:
        errors.Unauthenticated, errors.NotFound, errors.Stale: as :func:`mark_read`.
    """
    return _change(app, call, command, Action.ARCHIVE)


def _change(app: App, call: Call, command: ChangeNotification, action: Action) -> Notification:
    notification = get(app, call, command.id)
    if notification.version != command.expected_version:
        raise errors.Stale()
    state = notification.after(action)
    if state is None:
        return notification
    return app.notifications.move(notification, state, app.clock.now())


def _person(call: Call) -> str:
    check_signed_in(call.caller)
    return call.caller.id
