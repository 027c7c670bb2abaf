"""The caller's own inbox, kept by notifications."""

from __future__ import annotations

from gateway.api import branch
from gateway.web import schemas
from gateway.web.endpoint import SIGNED_IN, Answer, Incoming, endpoint
from gateway.web.openapi import Blueprint
from services.common.contracts.notifications import rpc as contract

blueprint = Blueprint("inbox", __name__, description="The caller's own messages")

_BRANCH = "notifications"


@blueprint.route("/v1/inbox", methods=["GET"])
@endpoint(
    query=schemas.InboxQuery,
    answer=schemas.InboxPage,
    access=SIGNED_IN,
    refuses=(403,),
    branch=_BRANCH,
)
def list_inbox(incoming: Incoming) -> Answer:
    """Messages, newest first; without `state`, all that is not archived."""
    return branch.listed(incoming, _BRANCH, "list_inbox")


@blueprint.route("/v1/inbox/<id:notification_id>", methods=["GET"])
@endpoint(
    query=schemas.Selection,
    answer=contract.Notification,
    access=SIGNED_IN,
    versioned=True,
    refuses=(403, 404),
    branch=_BRANCH,
)
def get_notification(incoming: Incoming, notification_id: str) -> Answer:
    """One message."""
    return branch.one(incoming, _BRANCH, "get_notification", id=notification_id)


@blueprint.route("/v1/inbox/<id:notification_id>/read", methods=["POST"])
@endpoint(
    body=schemas.Empty,
    answer=contract.Notification,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404),
    branch=_BRANCH,
)
def mark_read(incoming: Incoming, notification_id: str) -> Answer:
    """Mark a message as read."""
    return branch.changed(incoming, _BRANCH, "mark_read", notification_id)


@blueprint.route("/v1/inbox/<id:notification_id>/archive", methods=["POST"])
@endpoint(
    body=schemas.Empty,
    answer=contract.Notification,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404),
    branch=_BRANCH,
)
def archive_notification(incoming: Incoming, notification_id: str) -> Answer:
    """Put a message away."""
    return branch.changed(incoming, _BRANCH, "archive_notification", notification_id)
