"""The bare floor: a Flask + pymongo process that does no more than it must to answer rightly.

It runs the use cases of bookings, consultations and trainings themselves (the same rules, the same
transaction with event and key, the same indexes, the same check of the token) and leaves out all
that the gateway does for its operator: no line in a log, no figures, no limits, no check against
the contract, no problem documents. Beside it one sees what all of that and the distribution cost
together.

    gunicorn -k gevent -w 1 tests.bench.bare:app
"""

from __future__ import annotations

import os
import time
from typing import Any

import orjson
from flask import Flask, Response, request
from joserfc import jwt
from joserfc.jwk import KeySet

from services.bookings.app import build
from services.bookings.operations import bookings
from services.bookings.schemas import bookings as schemas
from services.bookings.schemas import id_of
from services.common import config, errors
from services.common.context import Call, Caller
from services.common.signing_keys import ES256
from services.consultations import app as consultations
from services.consultations.operations import cases
from services.consultations.schemas import cases as case_schemas
from services.trainings import app as trainings
from services.trainings.operations import application_lists, applying, catalogue
from services.trainings.schemas import applications as application_schemas
from services.trainings.schemas import catalogue as catalogue_schemas

app = Flask(__name__)
_bookings = build(config.load())
_consultations = consultations.build(config.load())
_trainings = trainings.build(config.load())
_keys = KeySet.import_key_set(orjson.loads(os.environ["FLOOR_JWKS"]))
_callers: dict[str, tuple[float, Caller]] = {}


def _caller() -> Caller:
    token = request.headers["Authorization"].removeprefix("Bearer ")
    known = _callers.get(token)
    if known is None or known[0] < time.time():
        claims: dict[str, Any] = jwt.decode(token, _keys, algorithms=[ES256.name]).claims
        caller = Caller(
            id=claims["sub"],
            roles=frozenset(claims.get("roles", ())),
            organisations=claims.get("organisations", {}),
            centres=frozenset(claims.get("centres", ())),
        )
        known = _callers[token] = (claims["exp"], caller)
    return known[1]


def _answer(body: dict[str, Any], status: int = 200) -> Response:
    return Response(
        orjson.dumps(body),
        status,
        {"ETag": f'"{body["version"]}"'},
        content_type="application/json",
    )


@app.get("/v1/bookings/<booking_id>")
def read(booking_id: str) -> Response:
    call = Call(caller=_caller())
    found = bookings.get(_bookings, call, id_of({"id": booking_id}))
    return _answer(schemas.booking(found))


@app.post("/v1/bookings")
def create() -> Response:
    call = Call(caller=_caller(), idempotency_key=request.headers["Idempotency-Key"])
    command = schemas.create_booking(orjson.loads(request.get_data()))
    return _answer(schemas.booking(bookings.create(_bookings, call, command)), 201)


@app.get("/v1/cases/<case_id>")
def read_case(case_id: str) -> Response:
    found = cases.get_case(_consultations, Call(caller=_caller()), id_of({"id": case_id}))
    return _answer(case_schemas.case(found))


@app.post("/v1/cases")
def open_case() -> Response:
    call = Call(caller=_caller(), idempotency_key=request.headers["Idempotency-Key"])
    command = case_schemas.submit_case(orjson.loads(request.get_data()))
    return _answer(case_schemas.case(cases.submit_case(_consultations, call, command)), 201)


@app.get("/v1/courses/<course_id>")
def read_course(course_id: str) -> Response:
    return _answer(catalogue_schemas.course(catalogue.get_course(_trainings, course_id)))


@app.post("/v1/cohorts/<cohort_id>/nominations")
def nominate(cohort_id: str) -> Response:
    call = Call(caller=_caller(), idempotency_key=request.headers["Idempotency-Key"])
    sent = orjson.loads(request.get_data()) | {"cohort_id": cohort_id}
    command = application_schemas.nominate_people(sent)
    found = applying.nominate_people(_trainings, call, command)
    context = application_lists.context_of(_trainings, found)
    items = application_schemas.applications(found, context)
    return Response(orjson.dumps(items), 201, content_type="application/json")


@app.errorhandler(errors.MasahaError)
def refused(error: errors.MasahaError) -> Response:
    return Response(orjson.dumps({"code": error.code}), 409)
