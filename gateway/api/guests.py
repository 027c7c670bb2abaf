"""The page behind the link of an invitation: for guests, who have a browser and no account.

It does what ``GET /v1/invitations/{token}`` and ``POST …/reply`` do, for a person in place of a
program, without any script: a phone on a bad connection loads it in one small answer.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from flask import Blueprint, Response, g, request

from gateway.api import front
from gateway.api.invitations import BRANCH, meeting_of
from gateway.web.endpoint import gateway
from gateway.web.request_parsing import received
from services.common import errors
from services.common.clock import from_wire
from services.common.context import Call
from services.common.contracts.bookings.invitations import ANSWERS, Reply
from services.common.field_errors import field_errors
from services.common.languages import locale_of

pages = Blueprint("guests", __name__)

_DIGITS = 6
_reply = Reply()


@pages.get("/invitations/<id:token>")
def show(token: str) -> Response:
    """The meeting, what was answered so far, and the form to answer."""
    try:
        return _page(_meeting(front.visiting(), token))
    except errors.MasahaError as error:
        return _refused(error)


@pages.post("/invitations/<id:token>")
def reply(token: str) -> Response:
    """Take the answer, and show the page again. The same answer again changes nothing."""
    try:
        call = front.visiting()
    except errors.MasahaError as error:
        return _refused(error)
    try:
        answer = _answer()
        gateway().rpc.call(BRANCH, "reply_to_invitation", {**answer, "token": token}, call)
        return _page(_meeting(call, token), thanks=True)
    except errors.MasahaError as error:
        try:
            meeting = _meeting(call, token)
        except errors.MasahaError:
            # No link, no meeting any more, or nobody there: then there is nothing to answer.
            return _refused(error)
        return _refused(error, meeting)


def _meeting(call: Call, token: str) -> dict[str, Any]:
    """The meeting, and from here on the page, in the language in which the guest is written to;
    where the page was asked for in another one, in that.

    Raises:
        errors.NotFound, errors.Conflict, errors.Unavailable: as the branch answers.
    """
    meeting = meeting_of(call, token)
    language = meeting.get("language")
    if language in (None, g.language) or "language" in request.args:
        return meeting
    g.language = language
    return meeting_of(replace(call, language=language), token)


def _answer() -> dict[str, Any]:
    """What the form says.

    Raises:
        errors.Invalid: if that is no answer.
        HttpProblem, errors.Malformed: if it did not come whole.
    """
    received(request)
    values: dict[str, Any] = {"answer": request.form.get("answer", "")}
    people = request.form.get("people", "").strip()
    if people:
        values["people"] = int(people) if people.isdecimal() and len(people) <= _DIGITS else people
    faults = _reply.validate(values)
    for name in values:
        if len(request.form.getlist(name)) > 1:
            faults[name] = ["repeated"]
    if faults:
        raise errors.Invalid(detail="the form holds no answer", errors=field_errors(faults))
    return values


def _refused(error: errors.MasahaError, meeting: dict[str, Any] | None = None) -> Response:
    """The page with what is wrong; with the form, if there still is something to answer."""
    return front.refused_page(error, "invitation.html", **_values(meeting))


def _page(meeting: dict[str, Any], *, thanks: bool = False) -> Response:
    return front.page("invitation.html", thanks=thanks, **_values(meeting))


def _values(meeting: dict[str, Any] | None) -> dict[str, Any]:
    """What the page shows."""
    return {
        "cache": "private, no-store",
        "answers": ANSWERS,
        "meeting": meeting,
        "when": _when(meeting, g.language) if meeting else None,
    }


def _when(meeting: dict[str, Any], language: str) -> dict[str, str]:
    """Its day and hours on the clock of the centre, as the language's readers write them."""
    zone, locale = ZoneInfo(meeting["time_zone"]), locale_of(language)

    def time(instant: datetime) -> str:
        return format_time(instant, "short", tzinfo=zone, locale=locale)

    starts_at, ends_at = from_wire(meeting["starts_at"]), from_wire(meeting["ends_at"])
    day = format_date(starts_at.astimezone(zone).date(), "full", locale=locale)
    return {"day": day, "from": time(starts_at), "until": time(ends_at)}
