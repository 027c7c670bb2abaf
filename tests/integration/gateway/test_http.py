"""What every answer of the door has in common, and what bad input gets. Branches do as the test
says.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import brotli
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from gateway.identity.domain.identity import Identity
from services.common import errors
from services.common.context import Caller
from services.common.contracts.bookings.errors import SPACE_TAKEN
from services.common.version import VERSION
from tests.support.gateway import MEMBER, Branches, Door, a_door

BOOKING = {
    "id": "b1",
    "space_id": "hall",
    "centre_id": "raqqa",
    "organisation_id": "hope",
    "booked_by": "member",
    "starts_at": "2026-12-01T09:00:00Z",
    "ends_at": "2026-12-01T10:00:00Z",
    "time_zone": "Asia/Damascus",
    "title": "لقاء",
    "purpose": "meeting",
    "people": None,
    "status": "confirmed",
    "cancellation_reason": None,
    "version": 3,
    "created_at": "2026-11-24T09:00:00Z",
    "updated_at": "2026-11-24T09:00:00Z",
}
REQUEST = {
    name: BOOKING[name]
    for name in ("space_id", "organisation_id", "starts_at", "ends_at", "title", "purpose")
}


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """One for all tests here: its routes take a fifth of a second to build."""
    folder = tmp_path_factory.mktemp("door")
    with a_door(folder, cors_origins=("https://front.example",)) as opened:
        yield opened


@pytest.fixture
def door(gateway: Door) -> Door:
    gateway.stand_before(Branches())
    gateway.branches.answers |= {
        "create_booking": BOOKING,
        "get_booking": BOOKING,
        "change_booking": BOOKING,
        "cancel_booking": BOOKING,
        "list_bookings": {"items": [BOOKING], "next": ["2026", "b1"]},
        "list_centres": {"items": [], "next": None},
        "list_spaces": {"items": [], "next": None},
    }
    return gateway


def create(door: Door, body: Any = None, **options: Any) -> Any:
    options = {"key": "k1", "json": REQUEST if body is None else body, **options}
    return door("POST", "/v1/bookings", MEMBER, **options)


# -- the good way -----------------------------------------------------------------------------


def test_creating_asks_the_branch_in_the_callers_name(door: Door) -> None:
    answer = create(door, headers={"Accept-Language": "en"})
    assert answer.status_code == 201
    assert answer.headers["Location"] == "/v1/bookings/b1"
    assert answer.headers["ETag"] == '"3"'
    [(branch, method, request, call)] = door.branches.asked
    assert (branch, method, request) == ("bookings", "create_booking", REQUEST)
    assert (call.caller.id, call.language, call.idempotency_key) == ("member", "en", "k1")
    assert call.caller.organisations == {"hope": "member"}


def test_a_change_carries_the_version_that_was_read(door: Door) -> None:
    door("PATCH", "/v1/bookings/b1", MEMBER, json={"people": None}, version=3)
    door("POST", "/v1/bookings/b1/cancel", MEMBER, version=3)
    assert [asked[2] for asked in door.branches.asked] == [
        {"id": "b1", "expected_version": 3, "people": None},
        {"id": "b1", "expected_version": 3},
    ]


def test_a_refusal_of_the_branch_is_told_with_its_alternatives(door: Door) -> None:
    door.branches.answers["create_booking"] = SPACE_TAKEN(extra={"alternatives": [{"a": 1}]})
    answer = create(door)
    assert answer.status_code == 409
    assert answer.mimetype == "application/problem+json"
    assert answer.json["code"] == "bookings.space_taken"
    assert answer.json["title"] == "المكان محجوز"
    assert answer.json["alternatives"] == [{"a": 1}]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.Malformed(), 400),
        (errors.Forbidden(), 403),
        (errors.NotFound(), 404),
        (errors.Conflict("a.b"), 409),
        (errors.Stale(), 412),
        (errors.Invalid(), 422),
        (errors.KeyReused(), 422),
        (errors.Unavailable(extra={"retry_after": 7}), 503),
        (errors.Internal(detail="secret"), 500),
        (RuntimeError("secret"), 500),
    ],
)
def test_each_kind_of_error_has_its_status(door: Door, error: Exception, status: int) -> None:
    door.branches.answers["get_booking"] = error
    answer = door("GET", "/v1/bookings/b1", MEMBER)
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    assert answer.json["status"] == status
    assert "secret" not in answer.text
    assert (answer.headers.get("Retry-After") == "7") is (status == 503)


# -- bad input --------------------------------------------------------------------------------

JSON = {"Content-Type": "application/json"}
BODIES: dict[str, tuple[bytes, dict[str, str], int]] = {
    "cut off": (b'{"title":', JSON, 400),
    "not UTF-8": (b'{"title": "\xff"}', JSON, 400),
    "member twice": (b'{"title": "a", "title": "b"}', JSON, 400),
    "NaN": (b'{"people": NaN}', JSON, 400),
    "a number beyond all": (b'{"people": 1e999}', JSON, 400),
    "lone surrogate": (b'{"title": "\\ud800"}', JSON, 400),
    "bottomless": (b"[" * 60_000, JSON, 400),
    "no object": (b"[]", JSON, 422),
    "null": (b"null", JSON, 422),
    "NUL in a text": (json.dumps({**REQUEST, "title": "a\u0000"}).encode(), JSON, 422),
    "NUL in an id": (json.dumps({**REQUEST, "space_id": "a\u0000"}).encode(), JSON, 422),
    "unknown member": (json.dumps({**REQUEST, "x": 1}).encode(), JSON, 422),
    "wrong type": (json.dumps({**REQUEST, "people": "5"}).encode(), JSON, 422),
    "no time": (json.dumps({**REQUEST, "starts_at": "tomorrow"}).encode(), JSON, 422),
    "year 1": (json.dumps({**REQUEST, "ends_at": "0001-01-01T00:00:00+23:00"}).encode(), JSON, 422),
    "too big": (b'{"title": "' + b"x" * 70_000 + b'"}', JSON, 413),
    "no media type": (b"{}", {}, 415),
    "text": (b"{}", {"Content-Type": "text/plain"}, 415),
    "a form": (b"a=b", {"Content-Type": "application/x-www-form-urlencoded"}, 415),
    "compressed": (gzip.compress(b"{}"), {**JSON, "Content-Encoding": "gzip"}, 415),
}  # fmt: skip


@pytest.mark.parametrize(("raw", "headers", "status"), BODIES.values(), ids=BODIES.keys())
def test_a_bad_body_gets_its_problem_and_changes_nothing(
    door: Door, raw: bytes, headers: dict[str, str], status: int
) -> None:
    answer = door("POST", "/v1/bookings", MEMBER, data=raw, headers=headers, key="k")
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    assert not door.branches.asked


# As gunicorn hands a body over: what is not there is not missed.
CUT = {"wsgi.input_terminated": True, "CONTENT_LENGTH": "40"}


@pytest.mark.parametrize("arrived", [b"", b"{}"])
def test_a_request_whose_body_did_not_come_whole_changes_nothing(
    door: Door, arrived: bytes
) -> None:
    answer = door(
        "POST",
        "/v1/bookings/b1/cancel",
        MEMBER,
        data=arrived,
        headers=JSON,
        version=3,
        environ_overrides=CUT,
    )
    assert (answer.status_code, answer.json["code"]) == (400, "malformed")
    assert not door.branches.asked


QUERIES = {
    "foo=1": 400,
    "limit=1&limit=2": 400,
    "cursor=made-up": 400,
    "cursor=%00": 400,
    "limit=0": 422,
    "limit=201": 422,
    "limit=1.5": 422,
    "limit=" + "9" * 40: 422,
    "limit=%D9%A3": 422,
    "status=unheard": 422,
    "organisation_id=%00": 422,
    "organisation_id=": 422,
    "ends_after=%FF%FE": 422,
    "ends_after=2026": 422,
    "fields=id,secret": 422,
    "fields=": 422,
}


@pytest.mark.parametrize(("query", "status"), QUERIES.items())
def test_a_bad_query_gets_its_problem(door: Door, query: str, status: int) -> None:
    answer = door("GET", f"/v1/bookings?{query}", MEMBER)
    assert answer.status_code == status, answer.json
    assert not door.branches.asked


@pytest.mark.parametrize("path", ["a%00b", "..%2f..", "%FF", "x" * 65, "%F0%9F%98%80", "-a", "a b"])
def test_an_id_that_none_can_be_is_not_found(door: Door, path: str) -> None:
    assert door("GET", f"/v1/bookings/{path}", MEMBER).status_code == 404
    assert not door.branches.asked


@pytest.mark.parametrize("key", [None, "x" * 129, "a b"])
def test_a_creating_request_needs_a_key(door: Door, key: str | None) -> None:
    answer = create(door, key=key)
    assert answer.status_code == 400
    assert answer.json["code"].startswith("idempotency.key_")


@pytest.mark.parametrize(
    ("tag", "status"),
    [(None, 428), ("3", 400), ("*", 400), ('"1", "2"', 400), ('W/"3"', 412), ('"x"', 412)],
)
def test_a_change_needs_the_version(door: Door, tag: str | None, status: int) -> None:
    headers = {} if tag is None else {"If-Match": tag}
    answer = door("PATCH", "/v1/bookings/b1", MEMBER, json={}, headers=headers)
    assert answer.status_code == status
    assert not door.branches.asked


@pytest.mark.parametrize("method", ["DELETE", "PUT", "TRACE", "PROPFIND"])
def test_an_unknown_method_names_those_there_are(door: Door, method: str) -> None:
    answer = door(method, "/v1/bookings", MEMBER)
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
    assert answer.json["code"] == "method_not_allowed"


@pytest.mark.parametrize(
    ("header", "challenge"),
    [
        (None, 'Bearer realm="masaha"'),
        ("Basic abc", 'Bearer realm="masaha"'),
        ("Bearer", 'Bearer realm="masaha"'),
        ("Bearer a.b.c", 'Bearer realm="masaha", error="invalid_token"'),
        ("Bearer \x80", 'Bearer realm="masaha", error="invalid_token"'),
    ],
)
def test_without_a_good_token_one_is_challenged(
    door: Door, header: str | None, challenge: str
) -> None:
    headers = {} if header is None else {"Authorization": header}
    answer = door("GET", "/v1/bookings", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == challenge


@hypothesis_settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=8,
    ),
    member=st.sampled_from([*REQUEST, "people", "weekly_hours", "reason"]),
)
def test_no_value_anywhere_is_a_defect(door: Door, value: Any, member: str) -> None:
    raw = json.dumps({**REQUEST, member: value}).encode()
    for method, path in (
        ("POST", "/v1/bookings"),
        ("PATCH", "/v1/bookings/b1"),
        ("POST", "/v1/bookings/b1/cancel"),
        ("PUT", "/v1/centres/c/hours"),
    ):
        answer = door(method, path, MEMBER, data=raw, headers=JSON, key="k", version=1)
        assert answer.status_code in {200, 201, 400, 422}, answer.text


# -- reading less -----------------------------------------------------------------------------


def test_what_has_not_changed_is_not_sent_again(door: Door) -> None:
    first = door("GET", "/v1/bookings/b1", MEMBER)
    again = door("GET", "/v1/bookings/b1", MEMBER, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == '"3"'
    page = door("GET", "/v1/bookings", MEMBER)
    same = door("GET", "/v1/bookings", MEMBER, headers={"If-None-Match": page.headers["ETag"]})
    assert same.status_code == 304


def test_what_changes_without_a_new_version_is_always_sent(door: Door) -> None:
    budget = {"organisation_id": "hope", "no_shows": 0, "version": 3}
    door.branches.answers["get_budget"] = budget
    first = door("GET", "/v1/budgets/hope", MEMBER)
    budget["no_shows"] = 1
    again = door(
        "GET", "/v1/budgets/hope", MEMBER, headers={"If-None-Match": first.headers["ETag"]}
    )
    assert (again.status_code, again.json["no_shows"]) == (200, 1)
    assert again.headers["ETag"] == '"3"'


def test_fields_narrow_an_answer(door: Door) -> None:
    one = door("GET", "/v1/bookings/b1?fields=id,version", MEMBER)
    assert one.json == {"id": "b1", "version": 3}
    page = door("GET", "/v1/bookings?fields=id", MEMBER)
    assert page.json["items"] == [{"id": "b1"}]
    assert page.json["next_cursor"]


def test_a_page_links_to_the_next_with_the_same_filters(door: Door) -> None:
    first = door("GET", "/v1/bookings?status=confirmed&limit=1", MEMBER)
    url = first.headers["Link"].partition(">")[0][1:]
    assert door("GET", url, MEMBER).status_code == 200
    assert door.branches.asked[-1][2] == {
        "status": "confirmed",
        "limit": 1,
        "after": ["2026", "b1"],
    }
    other = Identity(Caller("other"))
    assert door("GET", url, other).json["code"] == "cursor.invalid"
    bent = url.replace("confirmed", "held")
    assert door("GET", bent, MEMBER).json["code"] == "cursor.invalid"


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [("gzip", "gzip"), ("br", "br"), ("gzip, br", "br"), ("br;q=0.1, gzip", "gzip"), ("", None)],
)
def test_long_answers_are_compressed_as_asked(
    door: Door, accepted: str, encoding: str | None
) -> None:
    door.branches.answers["list_bookings"] = {"items": [BOOKING] * 20, "next": None}
    answer = door("GET", "/v1/bookings", MEMBER, headers={"Accept-Encoding": accepted})
    assert answer.headers.get("Content-Encoding") == encoding
    unpack = {"gzip": gzip.decompress, "br": brotli.decompress, None: bytes}[encoding]
    assert len(json.loads(unpack(answer.data))["items"]) == 20
    short = door("GET", "/v1/bookings/b1", MEMBER, headers={"Accept-Encoding": accepted})
    assert "Content-Encoding" not in short.headers


# -- language, trace, headers -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("wish", "language", "title"),
    [(None, "ar", "غير موجود"), ("en", "en", "Not found"), ("fr, en;q=0.2", "en", "Not found")],
)
def test_problems_speak_the_callers_language(
    door: Door, wish: str | None, language: str, title: str
) -> None:
    answer = door("GET", "/nowhere", headers={"Accept-Language": wish} if wish else {})
    assert answer.headers["Content-Language"] == language
    assert answer.json["title"] == title
    assert "Accept-Language" in answer.headers["Vary"]


def test_a_trace_goes_on_through_the_answer_and_the_branch(door: Door) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    door.branches.answers["get_booking"] = errors.NotFound()
    answer = door(
        "GET",
        "/v1/bookings/b1",
        MEMBER,
        headers={"traceparent": f"00-{trace}-00f067aa0ba902b7-01"},
    )
    assert answer.json["trace_id"] == trace
    assert trace in answer.headers["traceparent"]
    assert trace in (door.branches.asked[0][3].traceparent or "")
    fresh = door("GET", "/nowhere", headers={"traceparent": "rubbish"})
    assert len(fresh.json["trace_id"]) == 32


def test_every_answer_has_the_security_headers(door: Door) -> None:
    for path in ("/v1/centres", "/nowhere", "/healthz", "/docs", "/metrics", "/openapi.json"):
        headers = door("GET", path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert "default-src 'none'" in headers["Content-Security-Policy"]


def test_only_listed_origins_may_call_from_a_browser(door: Door) -> None:
    mine = door("GET", "/v1/centres", headers={"Origin": "https://front.example"})
    assert mine.headers["Access-Control-Allow-Origin"] == "https://front.example"
    exposed = mine.headers["Access-Control-Expose-Headers"]
    for name in ("ETag", "Location", "Link", "Retry-After", "RateLimit", "Content-Language"):
        assert name in exposed
    assert "Origin" in mine.headers["Vary"]
    theirs = door("GET", "/v1/centres", headers={"Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in theirs.headers
    preflight = door(
        "OPTIONS",
        "/v1/bookings",
        headers={
            "Origin": "https://front.example",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "Idempotency-Key, Authorization",
        },
    )
    assert preflight.status_code == 200
    assert "idempotency-key" in preflight.headers["Access-Control-Allow-Headers"].lower()


def test_a_caller_who_asks_too_often_is_told_when_to_come_back(tmp_path: Path) -> None:
    with a_door(tmp_path, rate_limit=2) as door:
        door.branches.answers["list_centres"] = {"items": [], "next": None}
        answers = [door("GET", "/v1/centres") for _ in range(3)]
        assert [a.status_code for a in answers] == [200, 200, 429]
        assert answers[0].headers["RateLimit-Policy"] == '"caller";q=2;w=60'
        assert answers[0].headers["RateLimit"].startswith('"caller";r=1;t=')
        assert int(answers[2].headers["Retry-After"]) >= 1
        assert answers[2].json["code"] == "too_many_requests"
        other = door("GET", "/v1/centres", Identity(Caller("somebody else")))
        assert other.status_code == 200
        assert door("GET", "/healthz").status_code == 200


# -- failing alone ----------------------------------------------------------------------------


def test_the_public_catalogue_goes_on_from_the_cache_with_its_age(door: Door) -> None:
    fresh = door("GET", "/v1/centres")
    assert "Age" not in fresh.headers
    door.branches.away = True
    cached = door("GET", "/v1/centres")
    assert (cached.status_code, cached.json) == (200, fresh.json)
    assert int(cached.headers["Age"]) >= 0
    unknown = door("GET", "/v1/spaces?minimum_capacity=7")
    assert unknown.status_code == 503
    private = door("GET", "/v1/bookings", MEMBER)
    assert (private.status_code, private.headers["Retry-After"]) == (503, "2")


def test_a_free_time_is_never_from_the_cache(door: Door) -> None:
    door.branches.answers["find_availability"] = {"items": []}
    path = "/v1/availability?from=2026-12-01T00:00:00Z&to=2026-12-02T00:00:00Z"
    assert door("GET", path).status_code == 200
    assert door.branches.asked[-1][2] == {
        "starts_at": "2026-12-01T00:00:00Z",
        "ends_at": "2026-12-02T00:00:00Z",
    }
    door.branches.away = True
    assert door("GET", path).status_code == 503


def test_a_fault_in_a_parameter_is_named_as_the_caller_named_it(door: Door) -> None:
    fault = errors.FieldError("/ends_at", "bookings.end_before_start")
    door.branches.answers["find_availability"] = errors.Invalid(errors=[fault])
    path = "/v1/availability?from=2026-12-01T00:00:00Z&to=2026-12-02T00:00:00Z"
    assert door("GET", path).json["errors"][0]["pointer"] == "/to"


def test_without_its_database_the_door_says_so_and_stays_alive(tmp_path: Path) -> None:
    with a_door(tmp_path) as door:
        ready = door("GET", "/readyz")
        assert (ready.status_code, ready.json["database"]) == (503, "away")
        assert door("GET", "/healthz").json == {"status": "ok", "version": VERSION}
        answer = door(
            "POST",
            "/v1/auth/token",
            json={"grant_type": "password", "email": "a@b.example", "password": "x"},
        )
        assert answer.status_code == 503


def test_metrics_count_by_route_never_by_path(door: Door) -> None:
    door("GET", "/v1/bookings/b1", MEMBER)
    text = door("GET", "/metrics").text
    assert 'masaha_http_requests_total{method="GET",route="/v1/bookings/<id:booking_id>"' in text
    assert "/v1/bookings/b1" not in text


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("10.1.2.3", {}, 200),
        ("::ffff:192.168.1.9", {}, 200),
        ("203.0.113.9", {}, 404),
        ("2001:db8::1", {}, 404),
        ("::ffff:8.8.8.8", {}, 404),
        ("", {}, 404),
        ("127.0.0.1", {"X-Forwarded-For": "203.0.113.9"}, 404),
        ("127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}, 404),
        ("127.0.0.1", {"X-Real-IP": "127.0.0.1"}, 404),
        ("127.0.0.1", {"Forwarded": "for=127.0.0.1"}, 404),
        ("203.0.113.9", {"X-Real-IP": "127.0.0.1"}, 404),
        ("203.0.113.9", {"X-Forwarded-For": "127.0.0.1"}, 404),
    ],
)
def test_metrics_are_for_neighbours(
    door: Door, address: str, headers: dict[str, str], status: int
) -> None:
    answer = door("GET", "/metrics", headers=headers, environ_overrides={"REMOTE_ADDR": address})
    assert answer.status_code == status
    if status == 404:
        nowhere = door("GET", "/nowhere")
        assert {**answer.json, "trace_id": 0} == {**nowhere.json, "trace_id": 0}


@pytest.mark.parametrize(
    "path",
    [
        "//metrics",
        "/./metrics",
        "/%6detrics",
        "/%2e/metrics",
        "/x/../metrics",
        "/metrics/",
        "/%2Fmetrics",
    ],
)
def test_metrics_have_one_spelling(door: Door, path: str) -> None:
    for address in ("127.0.0.1", "203.0.113.9"):
        # As gunicorn hands it over: the path decoded, and as it was sent.
        environ = {"REMOTE_ADDR": address, "RAW_URI": path, "PATH_INFO": unquote(path)}
        assert door("GET", "/metrics", environ_overrides=environ).status_code == 404


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("10.0.0.2", {}, 200),  # a scraper beside the proxy
        ("10.0.0.2", {"X-Forwarded-For": "10.0.0.7"}, 200),
        ("10.0.0.2", {"X-Forwarded-For": "127.0.0.1, 203.0.113.9"}, 404),
        ("10.0.0.2", {"X-Forwarded-For": "127.0.0.1", "X-Real-IP": "203.0.113.9"}, 404),
        ("10.0.0.2", {"X-Real-IP": "203.0.113.9"}, 404),
        ("203.0.113.9", {"X-Forwarded-For": "127.0.0.1"}, 404),  # past the proxy
        ("203.0.113.9", {"X-Real-IP": "127.0.0.1", "X-Forwarded-For": "127.0.0.1"}, 404),
    ],
)
def test_behind_a_trusted_proxy_no_forged_header_opens_the_metrics(
    tmp_path: Path, address: str, headers: dict[str, str], status: int
) -> None:
    with a_door(tmp_path, trusted_proxies=1) as door:
        environ = {"REMOTE_ADDR": address}
        answer = door("GET", "/metrics", headers=headers, environ_overrides=environ)
        assert answer.status_code == status


def test_metrics_are_for_everybody_where_that_was_decided(tmp_path: Path) -> None:
    with a_door(tmp_path, metrics_public=True) as door:
        far = {"REMOTE_ADDR": "203.0.113.9"}
        assert door("GET", "/metrics", environ_overrides=far).status_code == 200


def test_behind_a_trusted_proxy_the_caller_counts(tmp_path: Path) -> None:
    with a_door(tmp_path, trusted_proxies=1) as door:
        for address, status in (("203.0.113.9", 404), ("10.0.0.4", 200)):
            answer = door("GET", "/metrics", headers={"X-Forwarded-For": address})
            assert answer.status_code == status


def test_the_page_runs_no_foreign_and_no_inline_script(door: Door) -> None:
    page = door("GET", "/docs")
    assert page.status_code == 200
    assert "http" not in page.text.replace("<!doctype html>", "")
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    for name in ("swagger-ui-bundle.js", "swagger-ui.css", "start.js"):
        assert door("GET", f"/docs/{name}").status_code == 200
    assert door("GET", "/docs/..%2f__init__.py").status_code == 404


@pytest.mark.parametrize("wanted", ["bytes=99999999-", "bytes=5-2", "bytes=abc", "lines=1-2"])
def test_a_range_that_a_file_of_the_page_does_not_have_gets_the_whole(
    door: Door, wanted: str
) -> None:
    part = door("GET", "/docs/swagger-ui.css", headers={"Range": "bytes=0-9"})
    assert (part.status_code, len(part.data)) == (206, 10)
    whole = door("GET", "/docs/swagger-ui.css", headers={"Range": wanted})
    assert whole.status_code == 200
    assert whole.data == door("GET", "/docs/swagger-ui.css").data
