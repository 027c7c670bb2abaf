"""The page behind the link of a rating: for people who have a browser and no account.

It does what ``GET /v1/ratings/{token}`` and ``POST`` to it do, for a person in place of a program,
without any script. It names no case, no organisation and no person. Opening it changes nothing, as
mail scanners open links too.
"""

from __future__ import annotations

from typing import Any

from babel.dates import format_date
from flask import Blueprint, Response, g, request

from gateway.api import front
from gateway.web import problems
from gateway.web.endpoint import gateway
from gateway.web.form_reading import number_of
from gateway.web.request_parsing import LONGEST_BODY, received
from services.common import errors
from services.common.clock import from_wire
from services.common.context import Call
from services.common.contracts.consultations.ratings import LONGEST_REMARK, GivenRating
from services.common.field_errors import field_errors
from services.common.languages import locale_of

pages = Blueprint("rating_pages", __name__)

_BRANCH = "consultations"
_TEMPLATE = "rating.html"
_given = GivenRating()


@pages.get("/ratings/<id:token>")
def show(token: str) -> Response:
    """What is rated by the link, and the form."""
    try:
        return _page(_opened(front.visiting(), token))
    except errors.MasahaError as error:
        return _refused(error)


@pages.post("/ratings/<id:token>")
def rate(token: str) -> Response:
    """Take the rating, and thank. The same rating again changes nothing."""
    opened: dict[str, Any] | None = None
    try:
        call = front.visiting()
        opened = _opened(call, token)
        received(request, LONGEST_BODY)
        sent = {**_rating(), "token": token}
        opened = gateway().rpc.call(_BRANCH, "rate_by_link", sent, call)
        return _page(opened, thanks=True)
    except errors.Conflict as error:
        # Rated by now, or too late: nothing is left to fill in.
        return _refused(error)
    except errors.MasahaError as error:
        return _refused(error, opened)


def _opened(call: Call, token: str) -> dict[str, Any]:
    found: dict[str, Any] = gateway().rpc.call(_BRANCH, "open_rating", {"token": token}, call)
    return found


def _rating() -> dict[str, Any]:
    """What the form says.

    Raises:
        errors.Invalid: if that is no rating.
    """
    values: dict[str, Any] = {"remark": request.form.get("remark", "").strip() or None}
    if score := request.form.get("score", "").strip():
        values["score"] = number_of(score)
    faults = _given.validate(values)
    for name in values:
        if len(request.form.getlist(name)) > 1:
            faults[name] = ["repeated"]
    if faults:
        raise errors.Invalid(detail="the form holds no rating", errors=field_errors(faults))
    return values


def _refused(error: errors.MasahaError, opened: dict[str, Any] | None = None) -> Response:
    """The page with what is wrong; with what was filled in, while there is something to rate."""
    faults = {
        fault.pointer.removeprefix("/"): problems.field_text(fault, g.language, error.params)
        for fault in error.errors[: problems.MOST_FAULTS]
    }
    return front.refused_page(error, _TEMPLATE, **_values(opened, faults))


def _page(opened: dict[str, Any], *, thanks: bool = False) -> Response:
    return front.page(_TEMPLATE, thanks=thanks, **_values(opened, {}))


def _values(opened: dict[str, Any] | None, faults: dict[str, str]) -> dict[str, Any]:
    """What the page shows."""
    values: dict[str, Any] = {
        "cache": "private, no-store",
        "opened": opened,
        "longest": LONGEST_REMARK,
        "given": request.form,
        "faults": faults,
    }
    if opened is not None:
        day = from_wire(opened["expires_at"]).date()
        values["scores"] = range(opened["highest"], opened["lowest"] - 1, -1)
        values["until"] = format_date(day, "long", locale=locale_of(g.language))
    return values
