"""Pages for people with a browser: what this is, and how to see what a mail is about.

They ask nobody and reveal nothing: a page is the same whether there is such a booking or not.
"""

from __future__ import annotations

from typing import Any

from babel import Locale
from flask import Blueprint, Response, g, render_template, request

from gateway.web import problems
from services.common.bidi import line_direction
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
