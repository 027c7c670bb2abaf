"""What a person does with the inbox: list, read, archive. Everybody sees their own only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.common import errors
from services.common.context import Caller
from services.notifications.app import App
from services.notifications.domain.inbox import VISIBLE, Action, Notification, State
from services.notifications.store.notifications import Position


@dataclass(frozen=True, slots=True)
class Page:
    """A part of the inbox, newest first.

    Attributes:
        next: position to go on after; None at the end.
        unread: how many messages of the whole inbox are unread.
    """

    items: Sequence[Notification]
    next: Position | None
    unread: int


def list_inbox(
    app: App, caller: Caller, *, state: State | None, limit: int, after: Position | None
) -> Page:
    """The caller's messages in this state; without one, all that are not archived.

    Raises:
        errors.Unauthenticated: if nobody is signed in.
    """
    person = _person(caller)
    states = VISIBLE if state is None else (state,)
    found = app.notifications.page(person, states, limit=limit + 1, after=after)
    items = found[:limit]
    last = items[-1] if len(found) > limit else None
    return Page(
        items=items,
        next=None if last is None else (last.created_at, last.id),
        unread=app.notifications.unread(person),
    )


def get(app: App, caller: Caller, notification_id: str) -> Notification:
    """One of the caller's messages.

    Raises:
        errors.Unauthenticated: if nobody is signed in.
        errors.NotFound: if there is none; also if it is somebody else's.
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
    if caller.kind == "visitor":
        raise errors.Unauthenticated()
    return caller.id
