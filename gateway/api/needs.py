"""What campaigns have found: ranked needs as a table, a picture and CSV, beside earlier ones."""

from __future__ import annotations

from typing import Any

from gateway.api import branch
from gateway.web import campaign_schemas, schemas
from gateway.web.endpoint import SIGNED_IN, Answer, Incoming, endpoint
from gateway.web.openapi import Blueprint
from gateway.web.problems import texts
from services.common import csv
from services.common.contracts.consultations import campaign_errors as errors
from services.common.contracts.consultations import needs as contract
from services.common.csv import Cell
from services.common.languages import in_language

blueprint = Blueprint("needs", __name__, description="Ranked needs")

_BRANCH = "consultations"
_SVG = "image/svg+xml"
_COLUMNS = ("by", "group", "rank", "need", "mean", "people")
_HIDDEN = "*"


@blueprint.route("/v1/campaigns/<id:campaign_id>/needs", methods=["GET"])
@endpoint(
    query=schemas.Selection,
    answer=contract.CampaignNeeds,
    access=SIGNED_IN,
    refuses=(404, errors.NEEDS_NOT_YET),
    branch=_BRANCH,
)
def get_needs(incoming: Incoming, campaign_id: str) -> Answer:
    """The needs that a closed campaign has found: of all, by centre and by kind of organisation.

    Groups of fewer than 5 people are hidden from everybody, and with them what would give them
    away.
    """
    return Answer(branch.ask(incoming, _BRANCH, "ranked_needs", id=campaign_id))


@blueprint.route("/v1/campaigns/<id:campaign_id>/said", methods=["GET"])
@endpoint(
    query=campaign_schemas.SaidQuery,
    answer=campaign_schemas.SaidPage,
    access=SIGNED_IN,
    refuses=(403, 404, errors.NEEDS_NOT_YET),
    branch=_BRANCH,
)
def list_said(incoming: Incoming, campaign_id: str) -> Answer:
    """What people said in words to a question (managers, front desks of its centres).

    Neither who said it nor what else that person said; nothing where fewer than 5 people did.
    """
    return branch.listed(incoming, _BRANCH, "list_said", id=campaign_id)


@blueprint.route("/v1/campaigns/<id:campaign_id>/needs.csv", methods=["GET"])
@endpoint(
    media=(csv.CONTENT_TYPE,),
    access=SIGNED_IN,
    refuses=(404, errors.NEEDS_NOT_YET),
    branch=_BRANCH,
)
def download_needs(incoming: Incoming, campaign_id: str) -> Answer:
    """The needs as one table for spreadsheets; what is hidden is `*`."""
    found = branch.ask(incoming, _BRANCH, "ranked_needs", id=campaign_id)
    language = incoming.call.language
    headings = [texts.text(f"needs.{column}", language) for column in _COLUMNS]
    headers = {"Content-Disposition": f'attachment; filename="needs-{campaign_id}.csv"'}
    text = csv.write(headings, as_rows(found, language))
    return Answer(None, text=text, content_type=csv.CONTENT_TYPE, headers=headers)


@blueprint.route("/v1/campaigns/<id:campaign_id>/needs.svg", methods=["GET"])
@endpoint(
    query=campaign_schemas.NeedsPictureQuery,
    media=(_SVG,),
    access=SIGNED_IN,
    refuses=(404, errors.NEEDS_NOT_YET),
    branch=_BRANCH,
)
def draw_needs(incoming: Incoming, campaign_id: str) -> Answer:
    """The needs as a picture in the caller's language, from right to left in Arabic."""
    centre_id = incoming.query["centre_id"]
    found = branch.ask(incoming, _BRANCH, "needs_picture", id=campaign_id, centre_id=centre_id)
    headers = {"Content-Disposition": f'inline; filename="needs-{campaign_id}.svg"'}
    return Answer(None, text=found["svg"], content_type=_SVG, headers=headers)


@blueprint.route("/v1/campaigns/<id:campaign_id>/comparison", methods=["GET"])
@endpoint(
    query=campaign_schemas.ComparisonQuery,
    answer=contract.NeedsComparison,
    access=SIGNED_IN,
    refuses=(404, errors.NEEDS_NOT_YET, errors.OTHER_STUDY),
    branch=_BRANCH,
)
def compare_needs(incoming: Incoming, campaign_id: str) -> Answer:
    """The needs of a campaign beside those of an earlier one of the same study."""
    earlier = incoming.query["with_"]
    with branch.pointing_at(lambda pointer: "/with" if pointer == "/earlier_id" else pointer):
        found = branch.ask(incoming, _BRANCH, "compare_needs", id=campaign_id, earlier_id=earlier)
    return Answer(found)


def as_rows(found: dict[str, Any], language: str) -> list[list[Cell]]:
    """The needs as one table: those of everybody, then those of each group."""
    everybody = texts.text("needs.by.all", language)
    rows = [[everybody, None, *_cells(need, language)] for need in found["needs"]]
    for table in found["tables"]:
        by = texts.text(f"needs.by.{table['by']}", language)
        for group in table["groups"]:
            name = (
                in_language(group["label"], language)
                if group["label"]
                else texts.text("needs.unknown", language)
            )
            if group["people"] is None:
                rows.append([by, name, None, None, _HIDDEN, _HIDDEN])
            elif group["people"]:
                rows += [[by, name, *_cells(need, language)] for need in group["needs"]]
    return rows


def _cells(need: dict[str, Any], language: str) -> list[Cell]:
    hidden = need["people"] is None
    return [
        need["rank"],
        in_language(need["label"], language),
        _HIDDEN if hidden else need["need"],
        _HIDDEN if hidden else need["people"],
    ]
