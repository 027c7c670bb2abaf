"""Series of bookings, over HTTP."""

from __future__ import annotations

from gateway.api import branch
from gateway.web import schemas
from gateway.web.endpoint import SIGNED_IN, Answer, Incoming, endpoint, gateway
from gateway.web.openapi import Blueprint
from services.common.contracts.bookings import errors, refusals
from services.common.contracts.bookings import series as contract

blueprint = Blueprint("series", __name__, description="Series of bookings")

_BRANCH = "bookings"


@blueprint.route("/v1/booking-series", methods=["POST"])
@endpoint(
    body=contract.CreateSeries,
    answer=contract.Series,
    status=201,
    access=SIGNED_IN,
    creates=True,
    versioned=True,
    dry_run=True,
    refuses=(
        403,
        404,
        *refusals.OF_BOOKING,
        errors.SERIES_REFUSED,
        errors.SERIES_RULE_INVALID,
        errors.SERIES_START_OFF_RULE,
        errors.SERIES_TOO_LONG,
        errors.SERIES_WITHOUT_END,
    ),
    branch=_BRANCH,
    example={
        "space_id": "raqqa-training-room",
        "organisation_id": "euphrates-development",
        "starts_at": "2026-11-24T09:00:00Z",
        "ends_at": "2026-11-24T11:00:00Z",
        "rrule": "FREQ=WEEKLY;BYDAY=TU;COUNT=10",
        "title": "لقاء الفريق الأسبوعي",
        "purpose": "meeting",
        "people": 12,
        "on_conflict": "skip",
        "dry_run": True,
    },
)
def create_series(incoming: Incoming) -> Answer:
    """Book a space again and again, by a rule; with `dry_run` only say what would be booked.

    All or nothing, or with `on_conflict: skip` what can be had; what cannot is kept in `rejected`
    with its reason. A refusal of all has them in `rejected` too.
    """
    if incoming.body.get("dry_run"):
        found = branch.ask(incoming, _BRANCH, "preview_series", **incoming.body)
        return Answer(found, status=200)
    path = "/v1/booking-series"
    return branch.created(incoming, _BRANCH, "create_series", path, **incoming.body)


@blueprint.route("/v1/booking-series", methods=["GET"])
@endpoint(
    query=schemas.SeriesQuery,
    answer=schemas.SeriesPage,
    access=SIGNED_IN,
    refuses=(403, 404),
    branch=_BRANCH,
)
def list_series(incoming: Incoming) -> Answer:
    """The series that the caller may see, the newest first."""
    return branch.listed(incoming, _BRANCH, "list_series")


@blueprint.route("/v1/booking-series/<id:series_id>", methods=["GET"])
@endpoint(
    query=schemas.Selection,
    answer=contract.Series,
    access=SIGNED_IN,
    versioned=True,
    refuses=(403, 404),
    branch=_BRANCH,
)
def get_series(incoming: Incoming, series_id: str) -> Answer:
    """One series with its occurrences, and with those that could not be had."""
    answer = branch.one(incoming, _BRANCH, "get_series", id=series_id)
    # An occurrence that changes alone has a version of its own.
    answer.conditional = False
    return answer


@blueprint.route("/v1/booking-series/<id:series_id>", methods=["PATCH"])
@endpoint(
    body=contract.SeriesChanges,
    answer=contract.Series,
    access=SIGNED_IN,
    changes=True,
    refuses=(
        403,
        404,
        *refusals.OF_CHANGE,
        errors.SERIES_REFUSED,
        errors.SERIES_OVER,
        errors.NOT_OF_SERIES,
    ),
    branch=_BRANCH,
    example={"scope": "all", "shift_minutes": 60, "on_conflict": "refuse"},
)
def change_series(incoming: Incoming, series_id: str) -> Answer:
    """Change `this` occurrence, this and the `following`, or `all` that are still to come.

    A change of the following splits the series: the answer is the new one, which `follows` this.
    With `dry_run` only say what the series would become, and what could not be had of it.
    """
    if incoming.body.get("dry_run"):
        return _preview(incoming, "preview_series_change", series_id)
    return branch.changed(incoming, _BRANCH, "change_series", series_id, **incoming.body)


@blueprint.route("/v1/booking-series/<id:series_id>/cancel", methods=["POST"])
@endpoint(
    body=contract.SeriesCancellation,
    answer=contract.Series,
    access=SIGNED_IN,
    changes=True,
    refuses=(
        403,
        404,
        errors.IN_THE_PAST,
        errors.NOT_ALLOWED_NOW,
        errors.SERIES_OVER,
        errors.NOT_OF_SERIES,
    ),
    branch=_BRANCH,
    example={"scope": "all", "reason": "انتهى المشروع"},
)
def cancel_series(incoming: Incoming, series_id: str) -> Answer:
    """Cancel `this` occurrence, this and the `following`, or `all` that are still to come; with
    `dry_run` only say what the series would become."""
    if incoming.body.get("dry_run"):
        return _preview(incoming, "preview_series_cancel", series_id)
    return branch.changed(incoming, _BRANCH, "cancel_series", series_id, **incoming.body)


@blueprint.route("/v1/booking-series/<id:series_id>/retry", methods=["POST"])
@endpoint(
    body=schemas.Empty,
    answer=contract.Series,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, *refusals.OF_CHANGE, errors.SERIES_OVER),
    branch=_BRANCH,
)
def retry_series(incoming: Incoming, series_id: str) -> Answer:
    """Try the rejected occurrences again; what still cannot be had stays in `rejected`."""
    return branch.changed(incoming, _BRANCH, "retry_series", series_id)


def _preview(incoming: Incoming, method: str, series_id: str) -> Answer:
    """What a change would make of a series. It has no version yet, so the answer has no tag."""
    asked = incoming.body | {"id": series_id, "expected_version": incoming.expected_version}
    return Answer(gateway().rpc.call(_BRANCH, method, asked, incoming.call))
