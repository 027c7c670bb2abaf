"""Pages for people with a browser: what this is, and how to see what a mail is about.

They ask nobody and reveal nothing: a page is the same whether there is such a booking or not.
"""

from __future__ import annotations

from typing import Any

from babel import Locale
from flask import Blueprint, Response, g, render_template, request

from gateway.web import problems
from gateway.web.endpoint import gateway
from gateway.web.rate_limits import Limited
from services.common import errors
from services.common.bidi import line_direction
from services.common.context import VISITOR, Call
from services.common.languages import LANGUAGES, direction_of

pages = Blueprint("front", __name__)

_CSP = (
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
# Under each of these, and under the same path of the API, is what mails are about.
_SUBJECTS = {
    "bookings": "bookings",
    "series": "series",
    "waitlist": "waitlist",
    "invitations": "me/invitations",
    "news": "news",
}


@pages.get("/")
def front() -> Response:
    """What this is, and the way to the description of the API."""
    choose_language()
    return page("front.html")


@pages.get("/bookings/<id:reference>", defaults={"kind": "bookings"})
@pages.get("/series/<id:reference>", defaults={"kind": "series"})
@pages.get("/waitlist/<id:reference>", defaults={"kind": "waitlist"})
@pages.get("/m/<id:reference>", defaults={"kind": "news"})
@pages.get("/me/invitations/<id:reference>", defaults={"kind": "invitations"})
def subject(kind: str, reference: str) -> Response:
    """How to see what the link of a mail is about."""
    choose_language()
    path = f"/v1/{_SUBJECTS[kind]}/{reference}"
    cache = "no-store" if kind == "news" else "no-cache"
    return page("subject.html", cache=cache, kind=kind, reference=reference, path=path)


def choose_language() -> None:
    """Take the language that the address of the page names, in place of the browser's."""
    if request.args.get("language") in LANGUAGES:
        g.language = request.args["language"]


def visiting() -> Call:
    """The visitor's call, counted like any other, in the language that the page is wanted in.

    Raises:
        Limited: if that were too many calls.
    """
    g.caller_id = VISITOR.id
    choose_language()
    g.standing = gateway().limiter.request(request.remote_addr or "unknown")
    return Call(VISITOR, g.language, None, g.traceparent)


def refused_page(error: errors.MasahaError, template: str, **values: Any) -> Response:
    """A page that says in ``problem`` what is wrong, with the status and headers of the error."""
    if isinstance(error, Limited):
        g.standing = error.standing
    status = problems.status_of(error)
    title, detail = problems.texts_of(
        error.code if status != 500 else "internal", error, g.language
    )
    response = page(template, status, problem={"title": title, "detail": detail}, **values)
    response.headers.update(problems.headers_of(error))
    return response


def page(template: str, status: int = 200, *, cache: str = "no-cache", **values: Any) -> Response:
    """A page without scripts, in the language of the request.

    Args:
        template: of ``gateway/templates``, with values; ``say`` gives it the texts by key.
    """
    language = g.language

    def say(key: str, **params: Any) -> str:
        return problems.texts.text(key, language, params)

    text = render_template(
        template,
        language=language,
        direction=direction_of(language),
        others=[(each, Locale(each).display_name) for each in LANGUAGES if each != language],
        say=say,
        line_direction=line_direction,
        **values,
    )
    headers = {"Content-Security-Policy": _CSP, "Cache-Control": cache}
    return Response(text, status, headers, content_type="text/html; charset=utf-8")
