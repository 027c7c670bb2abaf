"""How anybody verifies a certificate: an endpoint for programs, and a page for people.

The page needs no script. The address in a certificate's QR code has the signed statement behind
``#``; a browser never sends that.
"""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import quote

from babel.dates import format_date
from babel.numbers import format_decimal
from flask import Blueprint as Pages
from flask import Response, g, redirect, request
from marshmallow import Schema, fields

from gateway.api import branch, front
from gateway.web.endpoint import OPEN, Answer, Incoming, endpoint, gateway
from gateway.web.openapi import JOSE, Blueprint
from services.common import errors
from services.common.context import Call
from services.common.contracts.trainings import certificates as contract
from services.common.contracts.trainings.certificate_errors import CODE_UNKNOWN
from services.common.languages import in_language, locale_of

blueprint = Blueprint(
    "verification", __name__, description="Verification of certificates, for everybody"
)
pages = Pages("verification_pages", __name__)

_BRANCH = "trainings"
_TEMPLATE = "verification.html"
_KEYS_CACHE = "public, max-age=3600"
_LIST_CACHE = "public, max-age=300"
_DAYS = ("first_day", "last_day", "issued_on", "valid_until")


class PublishedKeys(Schema):
    """A JSON Web Key Set (RFC 7517)."""

    keys = fields.List(fields.Dict(keys=fields.String()), required=True)


@blueprint.route("/v1/verify/<string:code>", methods=["GET"])
@endpoint(
    answer=contract.Verification,
    access=OPEN,
    refuses=(CODE_UNKNOWN, 429),
    branch=_BRANCH,
)
def verify_certificate(incoming: Incoming, code: str) -> Answer:
    """What the code of a certificate says: whether it counts, and what was issued.

    Compare it with the page, word by word: a page that was altered differs. One that counts no more
    shows neither name nor title. Codes may be typed in small letters, without dashes, with any
    digits.
    """
    return Answer(_verified(incoming.call, code), cache_control="no-store")


@blueprint.route("/v1/certificates/keys", methods=["GET"])
@endpoint(answer=PublishedKeys, access=OPEN, branch=_BRANCH)
def certificate_keys(incoming: Incoming) -> Answer:
    """The keys that verify the signed statements of certificates without a connection."""
    found = branch.ask(incoming, _BRANCH, "certificate_keys")
    return Answer(found, cache_control=_KEYS_CACHE)


@blueprint.route("/v1/certificates/withdrawn", methods=["GET"])
@endpoint(media=(JOSE,), access=OPEN, branch=_BRANCH)
def withdrawn_certificates(incoming: Incoming) -> Answer:
    """The signed list of the certificates that count no more, for readers without a connection.

    A JSON Web Signature (RFC 7515) in compact form; it says until when it may be relied on.
    """
    found = branch.ask(incoming, _BRANCH, "withdrawn_certificates")
    return Answer(None, text=found["statement"], content_type=JOSE, cache_control=_LIST_CACHE)


@pages.get("/verify")
def ask_for_code() -> Response:
    """The form for a code that is typed."""
    front.choose_language()
    code = request.args.get("code", "").strip()
    if code:
        path = f"/verify/{quote(code[: contract.LONGEST_CODE], safe='')}"
        return redirect(f"{path}?language={g.language}", 303)  # type: ignore[return-value]
    return _page(200)


@pages.get("/verify/<string:code>")
def show(code: str) -> Response:
    """What a code says, for people: the address of a certificate's QR code."""
    try:
        found = _verified(front.visiting(), code)
    except errors.MasahaError as error:
        return front.refused_page(error, _TEMPLATE, cache="no-store", typed=code)
    return _page(200, found=found, said=_said(found, g.language))


def _verified(call: Call, code: str) -> dict[str, Any]:
    """What the branch says of a code.

    Raises:
        Limited: if the address has sent too many codes that nobody has.
        errors.NotFound: ``trainings.code_unknown``.
        errors.Unavailable: if the branch is away.
    """
    limiter, address = gateway().limiter, request.remote_addr or "unknown"
    limiter.check_codes(address)
    try:
        found: dict[str, Any] = gateway().rpc.call(
            _BRANCH, "verify_certificate", {"code": code}, call
        )
    except errors.NotFound:
        limiter.code_missed(address)
        raise
    return found


def _said(found: dict[str, Any], language: str) -> dict[str, str]:
    """What a valid or expired certificate says, as the language's readers write it."""
    if found["title"] is None:
        return {}
    locale = locale_of(language)
    said = {
        "title": in_language(found["title"], language),
        "centre": in_language(found["centre_name"], language),
        "hours": format_decimal(found["hours"], locale="en"),
    }
    for name in _DAYS:
        if found[name] is not None:
            said[name] = format_date(date.fromisoformat(found[name]), "long", locale=locale)
    return said


def _page(status: int, **values: Any) -> Response:
    return front.page(_TEMPLATE, status, cache="no-store", **values)
