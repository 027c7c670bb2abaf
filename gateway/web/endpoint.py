"""What every endpoint shares, declared once per endpoint: behaviour and OpenAPI from one place.

::

    @blueprint.route("/v1/bookings/<id:booking_id>", methods=["PATCH"])
    @endpoint(body=BookingChanges, answer=Booking, access=SIGNED_IN, changes=True,
              refuses=(403, SPACE_TAKEN))
    def change_booking(incoming: Incoming, booking_id: str) -> Answer: ...

In this order: who is calling (401), how often (429), the query (400, 422), the conditions (400,
428), the body (413, 415, 400, 422). Then the view, which calls an operation or a branch.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, cast
from urllib.parse import urlencode

import orjson
from flask import Response, current_app, g, request
from marshmallow import Schema
from marshmallow.fields import List, Nested

from gateway.identity.domain.identity import Identity
from gateway.web import preconditions
from gateway.web.language import negotiate
from gateway.web.parts import Gateway
from gateway.web.preferences import read_patience
from gateway.web.request_parsing import (
    LONGEST_BODY,
    read_body,
    read_file,
    read_query,
    refuse_query,
)
from gateway.web.schemas import Empty
from services.common import errors
from services.common.context import VISITOR, Call, Caller
from services.common.errors import ErrorCode, FieldError, Malformed
from services.common.storage.idempotency import LONGEST_KEY

OPEN = "open"  # for every caller: a token that comes along, even a spent one, is not looked at
PUBLIC = "public"
SIGNED_IN = "signed in"

_VISITING = Identity(VISITOR)
_PRIVATE = "private, no-cache"
_KEY = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True, slots=True)
class Declaration:
    """What an endpoint says of itself.

    Attributes:
        answer: schema of the body of a success; None for no body.
        status: of a success.
        query: schema of the parameters; None where there are none.
        body: schema of the request's body; None where there is none.
        body_optional: no body means ``{}``.
        longest_body: in bytes.
        largest_file: the body is a file of at most so many bytes; 0: it is none.
        access: ``OPEN``, ``PUBLIC`` (a token is optional) or ``SIGNED_IN``.
        creates: an ``Idempotency-Key`` is required, and a ``Location`` given.
        changes: an ``If-Match`` is required.
        lowest_version: that it may name; 0 where the thing is read before it is first written.
        dry_run: a request may ask for nothing but the answer; then it is a 200.
        pending: schema of a 202, where what is asked for may still be in the making.
        waits: a client may say with `Prefer: wait` how long it waits for what is decided elsewhere;
            a 202 says that it is not decided yet.
        versioned: a success carries the ``ETag`` of a version.
        refuses: further refusals that may come: the codes of the branch's own, and statuses for
            the codes that any part may raise.
        branch: whose answer it is; such an endpoint may answer 503.
        limited: counts against the general limit of the caller.
        example: of a body, for the documentation.
        media: content types of a success beside JSON, or without an ``answer`` in its place.
            ``*/*`` is a file of any type.
    """

    answer: type[Schema] | None = None
    status: int = 200
    query: type[Schema] | None = None
    body: type[Schema] | None = None
    body_optional: bool = False
    longest_body: int = LONGEST_BODY
    largest_file: int = 0
    access: str = PUBLIC
    creates: bool = False
    changes: bool = False
    lowest_version: int = 1
    dry_run: bool = False
    pending: type[Schema] | None = None
    waits: bool = False
    versioned: bool = False
    refuses: tuple[int | ErrorCode, ...] = ()
    branch: str | None = None
    limited: bool = True
    example: Mapping[str, Any] | None = None
    media: tuple[str, ...] = ()


@dataclass(slots=True)
class Incoming:
    """A request that has passed all that endpoints share.

    Attributes:
        call: who asks, as a branch gets it.
        identity: the caller, with the language they chose.
        query: loaded parameters.
        body: checked with the schema. The JSON values for a branch, which loads them itself; what
            the schema makes of them for the gateway's own operations.
        expected_version: from ``If-Match``; 0 where the endpoint takes none.
        file: the body where it is a file; empty elsewhere.
        patience: for how many seconds the client waits, where the endpoint lets it.
    """

    call: Call
    identity: Identity
    query: dict[str, Any]
    body: dict[str, Any]
    expected_version: int
    file: bytes = b""
    patience: int | None = None

    @property
    def caller(self) -> Caller:
        return self.call.caller


@dataclass(slots=True)
class Answer:
    """What a view gives back.

    Attributes:
        data: JSON values; None for an empty body.
        version: for the ``ETag``; without one, a list's content gives it.
        location: path of what was created.
        age: seconds since the data was fetched, where it comes from the cache.
        headers: further ones.
        cache_control: where it is not the usual.
        status: of this success, where it is not the declared one.
        conditional: whether the version covers all that is shown, so that ``If-None-Match`` may be
            answered by it.
        text: the body, where it is no JSON; ``content_type`` says what it is.
        file: the body, where it is neither JSON nor text.
    """

    data: Any
    version: int | None = None
    location: str | None = None
    age: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    cache_control: str | None = None
    status: int | None = None
    conditional: bool = True
    text: str | None = None
    file: bytes | None = None
    content_type: str = "application/json"


def gateway() -> Gateway:
    """The parts of this process."""
    return cast(Gateway, current_app.extensions["masaha"])


View = Callable[..., Answer]


def endpoint(**declared: Any) -> Callable[[View], Callable[..., Response]]:
    """Declare an endpoint; the arguments are those of :class:`Declaration`."""
    declaration = Declaration(**declared)
    query_schema = declaration.query() if declaration.query else None
    body_schema = declaration.body() if declaration.body else None
    if declaration.body is Empty:
        declaration = Declaration(**{**declared, "body_optional": True})
    signed_in = declaration.access == SIGNED_IN
    looked_at = declaration.access != OPEN
    selects = query_schema is not None and "fields_" in query_schema.fields
    members = selectable(declaration.answer) if selects else set()

    def decorate(view: View) -> Callable[..., Response]:
        @wraps(view)
        def wrapper(**path: str) -> Response:
            parts = gateway()
            identity = _identify(parts, required=signed_in) if looked_at else _VISITING
            caller = identity.caller
            g.caller_id = caller.id
            if identity.language and "Accept-Language" not in request.headers:
                g.language = negotiate(None, identity.language)
            if declaration.limited:
                g.standing = parts.limiter.request(
                    caller.id if caller is not VISITOR else request.remote_addr or "unknown"
                )
            query: dict[str, Any] = {}
            if query_schema is not None:
                query = read_query(request.args, query_schema)
            else:
                refuse_query(request.args)
            wanted = _wanted(query["fields_"], members) if query.get("fields_") else None
            key = _idempotency_key() if declaration.creates else None
            expected = (
                preconditions.expected_version(
                    request.headers.get("If-Match"), lowest=declaration.lowest_version
                )
                if declaration.changes
                else 0
            )
            body: dict[str, Any] = {}
            if body_schema is not None:
                body = read_body(
                    request,
                    body_schema,
                    optional=declaration.body_optional,
                    loaded=declaration.branch is None,
                    longest=declaration.longest_body,
                )
            file = b""
            if declaration.largest_file:
                file = read_file(request, largest=declaration.largest_file)
            call = Call(caller, g.language, key, g.traceparent)
            patience = read_patience(request.headers.get("Prefer")) if declaration.waits else None
            incoming = Incoming(call, identity, query, body, expected, file, patience)
            answer = view(incoming, **path)
            if wanted is not None:
                answer.data = _selected(answer.data, wanted)
            return _respond(answer, declaration)

        wrapper.declaration = declaration  # type: ignore[attr-defined]
        return wrapper

    return decorate


def _identify(parts: Gateway, *, required: bool) -> Identity:
    header = request.headers.get("Authorization")
    if header is None:
        if required:
            raise errors.Unauthenticated()
        return _VISITING
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise errors.Unauthenticated()
    return parts.tokens.verify(token.strip())


def _idempotency_key() -> str:
    key = request.headers.get("Idempotency-Key")
    if not key:
        raise Malformed("idempotency.key_missing")
    if len(key) > LONGEST_KEY or _KEY.fullmatch(key) is None:
        raise Malformed("idempotency.key_invalid")
    return key


def _respond(answer: Answer, declaration: Declaration) -> Response:
    headers = answer.headers
    if answer.file is not None:
        body = answer.file
    elif answer.text is not None:
        body = answer.text.encode()
    else:
        body = b"" if answer.data is None else orjson.dumps(answer.data)
    if answer.version is not None:
        headers["ETag"] = preconditions.etag(answer.version)
    elif body and request.method in {"GET", "HEAD"}:
        headers["ETag"] = preconditions.content_etag(body)
    if answer.location is not None:
        headers["Location"] = answer.location
    if answer.age is not None:
        headers["Age"] = str(answer.age)
    if answer.cache_control is not None:
        headers["Cache-Control"] = answer.cache_control
    elif declaration.access == SIGNED_IN:
        headers["Cache-Control"] = _PRIVATE
    if (
        "ETag" in headers
        and answer.conditional
        and request.method in {"GET", "HEAD"}
        and preconditions.not_modified(request.headers.get("If-None-Match"), headers["ETag"])
    ):
        return Response(status=304, headers=headers)
    status = (answer.status or declaration.status) if body else 204
    content_type = None
    if body:
        charset = "" if answer.text is None else "; charset=utf-8"
        content_type = f"{answer.content_type}{charset}"
    response = Response(body, status, headers, content_type=content_type)
    if not body:
        del response.headers["Content-Type"]
    return response


def selectable(answer: type[Schema] | None) -> set[str]:
    """The members that ``fields`` may name: of an answer, or of each item of a list."""
    assert answer is not None
    declared = answer().fields
    items = declared.get("items")
    if isinstance(items, List) and isinstance(items.inner, Nested):
        return set(items.inner.schema.fields)
    return set(declared)


def _wanted(text: str, members: set[str]) -> set[str]:
    """The members that ``fields`` names.

    Raises:
        errors.Invalid: for a name that the answer does not have.
    """
    names = {name.strip() for name in text.split(",")}
    if not names <= members:
        raise errors.Invalid(
            detail="unknown member in fields", errors=[FieldError("/fields", "choice")]
        )
    return names


def _selected(data: Any, names: set[str]) -> Any:
    """Only these members; in a list, of each item."""
    if "items" in data:
        narrowed = [{k: v for k, v in item.items() if k in names} for item in data["items"]]
        return {**data, "items": narrowed}
    return {k: v for k, v in data.items() if k in names}


# -- lists ------------------------------------------------------------------------------------


def position(incoming: Incoming, filters: Mapping[str, Any]) -> list[Any] | None:
    """The position that the request's cursor stands for.

    Raises:
        errors.Malformed: ``cursor.invalid``.
    """
    cursor = incoming.query.get("cursor")
    if not cursor:
        return None
    return gateway().cursors.read(cursor, _route(), filters, incoming.caller.id)


def page(
    incoming: Incoming,
    items: list[Any],
    after: list[Any] | None,
    filters: Mapping[str, Any],
    **more: Any,
) -> Answer:
    """A page of a list, with the cursor and the ``Link`` of the next one."""
    cursor = None
    headers: dict[str, str] = {}
    if after is not None:
        cursor = gateway().cursors.sign(after, _route(), filters, incoming.caller.id)
        parameters = {**request.args.to_dict(), "cursor": cursor}
        headers["Link"] = f'<{request.path}?{urlencode(parameters)}>; rel="next"'
    return Answer({"items": items, "next_cursor": cursor, **more}, headers=headers)


def _route() -> str:
    rule = request.url_rule
    return f"{rule.rule if rule else ''} {request.path}"
