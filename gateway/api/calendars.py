"""Calendar feeds: links that a person makes, and what calendar programs fetch by them."""

from __future__ import annotations

from flask import g
from marshmallow import fields

from gateway.api import branch
from gateway.identity.operations.sessions import identity_of
from gateway.web import schemas
from gateway.web.endpoint import OPEN, SIGNED_IN, Answer, Incoming, endpoint, gateway
from gateway.web.openapi import Blueprint
from services.common import errors
from services.common.calendars import add_to_feed, entries_of_wire
from services.common.context import Call
from services.common.contracts.bookings import calendars as contract
from services.common.contracts.bookings import errors as codes
from services.common.contracts.fields import LanguageCode, StrictSchema

blueprint = Blueprint("calendars", __name__, description="Calendar feeds")

_BRANCH = "bookings"
# Whose entries are in a person's own calendar, too.
_WITH_ENTRIES = ("consultations", "trainings")
CONTENT_TYPE = "text/calendar"

CalendarPage = schemas.page_of(contract.Calendar)


class CalendarWithLink(contract.Calendar):
    path = fields.String(
        required=True,
        metadata={"description": "Of the feed. Its holder reads the feed; it is shown now only."},
    )


class FeedQuery(StrictSchema):
    language = LanguageCode(
        load_default=None,
        metadata={"description": "Of titles and places; else that of `Accept-Language`."},
    )


@blueprint.route("/v1/calendars", methods=["POST"])
@endpoint(
    body=contract.CalendarDetails,
    answer=CalendarWithLink,
    status=201,
    access=SIGNED_IN,
    creates=True,
    versioned=True,
    refuses=(403, codes.NO_SUCH_CALENDAR, codes.TOO_MANY_CALENDARS),
    branch=_BRANCH,
    example={"kind": "space", "id": "raqqa-training-room"},
)
def create_calendar(incoming: Incoming) -> Answer:
    """Make a secret link to the calendar of a space, of a centre, or of oneself."""
    made = branch.ask(incoming, _BRANCH, "create_calendar", **incoming.body)
    path = f"/v1/calendars/{made.pop('token')}.ics"
    location = f"/v1/calendars/{made['id']}"
    return Answer(
        {**made, "path": path},
        version=made["version"],
        location=location,
        cache_control="private, no-store",
    )


@blueprint.route("/v1/calendars", methods=["GET"])
@endpoint(answer=CalendarPage, access=SIGNED_IN, refuses=(403,), branch=_BRANCH)
def list_calendars(incoming: Incoming) -> Answer:
    """One's own calendars, without the secrets of their links."""
    found = branch.ask(incoming, _BRANCH, "list_calendars")
    return Answer({"items": found["items"], "next_cursor": None})


@blueprint.route("/v1/calendars/<id:calendar_id>", methods=["DELETE"])
@endpoint(status=204, access=SIGNED_IN, refuses=(403, 404), branch=_BRANCH)
def delete_calendar(incoming: Incoming, calendar_id: str) -> Answer:
    """Make the link void, at once."""
    branch.ask(incoming, _BRANCH, "delete_calendar", id=calendar_id)
    return Answer(None)


@blueprint.route("/v1/calendars/<id:token>.ics", methods=["GET"])
@endpoint(query=FeedQuery, media=(CONTENT_TYPE,), access=OPEN, refuses=(404,), branch=_BRANCH)
def calendar_feed(incoming: Incoming, token: str) -> Answer:
    """The feed behind a secret link, as iCalendar (RFC 5545).

    It holds what the person who made the link may see now: of other organisations' bookings only
    that the space is taken. One's own calendar has the sessions of trainings too, and the
    appointments and visits of consultations, without a word of what they are about.
    """
    link = branch.ask(incoming, _BRANCH, "calendar_owner", token=token)
    identity = identity_of(gateway().identity, link["owner_id"])
    if identity is None:
        raise errors.NotFound()
    language = incoming.query["language"] or incoming.call.language
    g.language = language
    call = Call(identity.caller, language, None, incoming.call.traceparent)
    request = {"token": token, "language": language}
    text = gateway().rpc.call(_BRANCH, "calendar_feed", request, call)["calendar"]
    if link["kind"] == "person":
        # Where one of them is away the feed is not answered: from one in part, calendar programs
        # would take what is missing away.
        for each in _WITH_ENTRIES:
            found = gateway().rpc.call(each, "calendar_entries", {"language": language}, call)
            text = add_to_feed(text, entries_of_wire(found), language=language)
    return Answer(None, text=text, content_type=CONTENT_TYPE, cache_control="private, no-cache")
