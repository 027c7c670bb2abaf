"""Instruments: what organisations are assessed with."""

from __future__ import annotations

from gateway.api import branch
from gateway.web import assessment_schemas, schemas
from gateway.web.endpoint import SIGNED_IN, Answer, Incoming, endpoint
from gateway.web.openapi import Blueprint
from services.common.contracts.consultations import instruments as contract
from services.common.contracts.consultations import instruments_errors as errors
from services.common.contracts.consultations.instruments_limits import LONGEST_BODY

blueprint = Blueprint("instruments", __name__, description="Instruments of assessments")

_BRANCH = "consultations"


@blueprint.route("/v1/instruments", methods=["GET"])
@endpoint(
    query=assessment_schemas.InstrumentsQuery,
    answer=assessment_schemas.InstrumentPage,
    access=SIGNED_IN,
    branch=_BRANCH,
)
def list_instruments(incoming: Incoming) -> Answer:
    """Editions of instruments; managers see drafts too."""
    return branch.listed(incoming, _BRANCH, "list_instruments")


@blueprint.route("/v1/instruments/<id:instrument_id>", methods=["GET"])
@endpoint(
    query=schemas.Selection,
    answer=contract.Instrument,
    access=SIGNED_IN,
    versioned=True,
    refuses=(404,),
    branch=_BRANCH,
)
def get_instrument(incoming: Incoming, instrument_id: str) -> Answer:
    """One edition, with its domains, items and what each level looks like."""
    return branch.one(incoming, _BRANCH, "get_instrument", id=instrument_id)


@blueprint.route("/v1/instruments", methods=["POST"])
@endpoint(
    body=contract.AddInstrument,
    answer=contract.Instrument,
    status=201,
    access=SIGNED_IN,
    creates=True,
    versioned=True,
    longest_body=LONGEST_BODY,
    refuses=(403, errors.NOT_THE_NEWEST_EDITION, errors.TOO_MANY_EDITIONS),
    branch=_BRANCH,
    example=contract.EXAMPLE,
)
def add_instrument(incoming: Incoming) -> Answer:
    """Add an edition as a draft (managers): the first of its family, or the next after the newest.

    `links` say which items stand for which of the edition before; what is not linked is not
    compared.
    """
    return branch.created(incoming, _BRANCH, "add_instrument", "/v1/instruments", **incoming.body)


@blueprint.route("/v1/instruments/<id:instrument_id>", methods=["PATCH"])
@endpoint(
    body=contract.InstrumentChanges,
    answer=contract.Instrument,
    access=SIGNED_IN,
    changes=True,
    longest_body=LONGEST_BODY,
    refuses=(403, 404, errors.INSTRUMENT_NOT_ALLOWED_NOW),
    branch=_BRANCH,
    example={"name": {"ar": "تقييم قدرات المنظمة", "en": "Capacity of an organisation"}},
)
def change_instrument(incoming: Incoming, instrument_id: str) -> Answer:
    """Change an edition (managers). One that an assessment has used is frozen."""
    return branch.changed(incoming, _BRANCH, "change_instrument", instrument_id, **incoming.body)


@blueprint.route("/v1/instruments/<id:instrument_id>/publish", methods=["POST"])
@endpoint(
    body=schemas.Empty,
    answer=contract.Instrument,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, errors.INSTRUMENT_NOT_ALLOWED_NOW),
    branch=_BRANCH,
)
def publish_instrument(incoming: Incoming, instrument_id: str) -> Answer:
    """Show an edition to everybody who is signed in (managers); assessments may use it."""
    return branch.changed(incoming, _BRANCH, "publish_instrument", instrument_id)


@blueprint.route("/v1/instruments/<id:instrument_id>/retire", methods=["POST"])
@endpoint(
    body=schemas.Empty,
    answer=contract.Instrument,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, errors.INSTRUMENT_NOT_ALLOWED_NOW),
    branch=_BRANCH,
)
def retire_instrument(incoming: Incoming, instrument_id: str) -> Answer:
    """Let no new assessment use an edition (managers)."""
    return branch.changed(incoming, _BRANCH, "retire_instrument", instrument_id)


@blueprint.route("/v1/instruments/<id:instrument_id>/history", methods=["GET"])
@endpoint(
    query=schemas.ListQuery,
    answer=schemas.HistoryPage,
    access=SIGNED_IN,
    refuses=(403, 404),
    branch=_BRANCH,
)
def instrument_history(incoming: Incoming, instrument_id: str) -> Answer:
    """Who changed what of an edition, when and why (managers). Oldest first."""
    return branch.listed(incoming, _BRANCH, "instrument_history", id=instrument_id)
