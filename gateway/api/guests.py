"""The page behind the link of an invitation: for guests, who have a browser and no account.

It does what ``GET /v1/invitations/{token}`` and ``POST …/reply`` do, for a person in place of a
program, without any script: a phone on a bad connection loads it in one small answer.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time
from flask import Blueprint, Response, g, render_template, request

from gateway import problems
from gateway.api.endpoint import gateway
from gateway.api.invitations import BRANCH, meeting_of
from gateway.bodies import received
from gateway.faults import flatten
from gateway.limits import Limited
from services.common import errors
from services.common.clock import from_wire
from services.common.context import VISITOR, Call
from services.common.contracts.bookings.invitations import ANSWERS, Reply
from services.common.languages import LANGUAGES, direction_of, locale_of

pages = Blueprint("guests", __name__)

_CSP = (
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
_DIGITS = 6
_reply = Reply()


@pages.get("/invitations/<id:token>")
def show(token: str) -> Response:
    """The meeting, what was answered so far, and the form to answer."""
    try:
        return _page(200, meeting=meeting_of(_visiting(), token))
    except errors.MasahaError as error:
        return _refused(error)


@pages.post("/invitations/<id:token>")
def reply(token: str) -> Response:
    """Take the answer, and show the page again. The same answer again changes nothing."""
    try:
        call = _visiting()
    except errors.MasahaError as error:
        return _refused(error)
    try:
        answer = _answer()
        gateway().rpc.call(BRANCH, "reply_to_invitation", {**answer, "token": token}, call)
        return _page(200, meeting=meeting_of(call, token), thanks=True)
    except errors.MasahaError as error:
        try:
            meeting = meeting_of(call, token)
        except errors.MasahaError:
            # No link, no meeting any more, or nobody there: then there is nothing to answer.
            return _refused(error)
        return _refused(error, meeting)


def _visiting() -> Call:
    """The visitor's call, counted like any other, in the language that the page is wanted in.

    Raises:
        Limited: if that were too many calls.
    """
    g.caller_id = VISITOR.id
    if request.args.get("language") in LANGUAGES:
        g.language = request.args["language"]
    g.standing = gateway().limiter.request(request.remote_addr or "unknown")
    return Call(VISITOR, g.language, None, g.traceparent)


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
        raise errors.Invalid(detail="the form holds no answer", errors=flatten(faults))
    return values


def _refused(error: errors.MasahaError, meeting: dict[str, Any] | None = None) -> Response:
    """The page with what is wrong; with the form, if there still is something to answer."""
    if isinstance(error, Limited):
        g.standing = error.standing
    code = error.code if problems.status_of(error) != 500 else "internal"
    title, detail = problems.texts_of(code, error, g.language)
    response = _page(
        problems.status_of(error),
        meeting=meeting,
        problem={"title": title, "detail": detail},
    )
    response.headers.update(problems.headers_of(error))
    return response


def _page(status: int, **values: Any) -> Response:
    language = g.language

    def say(key: str, **params: Any) -> str:
        return problems.texts.text(f"guest.{key}", language, params)

    meeting = values.get("meeting")
    page = render_template(
        "invitation.html",
        language=language,
        direction=direction_of(language),
        others=[(each, Locale(each).display_name) for each in LANGUAGES if each != language],
        answers=ANSWERS,
        say=say,
        when=_when(meeting, language) if meeting else None,
        **values,
    )
    headers = {"Content-Security-Policy": _CSP, "Cache-Control": "private, no-store"}
    return Response(page, status, headers, content_type="text/html; charset=utf-8")


def _when(meeting: dict[str, Any], language: str) -> dict[str, str]:
    """Its day and hours on the clock of the centre, as the language's readers write them."""
    zone, locale = ZoneInfo(meeting["time_zone"]), locale_of(language)

    def time(instant: datetime) -> str:
        return format_time(instant, "short", tzinfo=zone, locale=locale)

    starts_at, ends_at = from_wire(meeting["starts_at"]), from_wire(meeting["ends_at"])
    day = format_date(starts_at.astimezone(zone).date(), "full", locale=locale)
    return {"day": day, "from": time(starts_at), "until": time(ends_at)}
