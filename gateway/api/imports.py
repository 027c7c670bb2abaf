"""Tables of cohorts: imported by the worker, and exported."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from gateway.api import branch
from gateway.web import training_schemas
from gateway.web.endpoint import SIGNED_IN, Answer, Incoming, endpoint
from gateway.web.openapi import Blueprint
from gateway.web.problems import field_text, texts
from services.common import csv, xlsx
from services.common.contracts import files_errors
from services.common.contracts.trainings import imports as contract
from services.common.errors import FieldError
from services.common.files.wire import content_to_wire

blueprint = Blueprint("imports", __name__, description="Tables of cohorts")

_BRANCH = "trainings"
_NOT_AS_NAMED = (
    files_errors.FILE_TYPE_NOT_TAKEN,
    files_errors.FILE_NOT_AS_NAMED,
)


@blueprint.route("/v1/cohorts/<id:cohort_id>/imports", methods=["POST"])
@endpoint(
    query=training_schemas.ImportQuery,
    largest_file=csv.LARGEST,
    answer=contract.Import,
    status=202,
    access=SIGNED_IN,
    creates=True,
    versioned=True,
    refuses=(403, 404, *csv.CODES, *_NOT_AS_NAMED),
    branch=_BRANCH,
)
def start_import(incoming: Incoming, cohort_id: str) -> Answer:
    """Import a table, CSV or XLSX, or check it: attendance (trainers of the cohort, staff of the
    centre) or applicants (staff of the centre).

    The body is the file as it is, of at most 2 MiB and 5,000 rows. It is read by the worker: the
    import says how far that has come. The same table twice imports nothing twice.

    Headings are Arabic or English, as an exported table has them. Of applicants: name, phone and
    organisation; sex, birth year (or date) and disability may be left out. Of attendance: session
    (its number), name, phone and status.
    """
    answer = branch.created(
        incoming,
        _BRANCH,
        "start_import",
        "/v1/imports",
        cohort_id=cohort_id,
        content=content_to_wire(incoming.file),
        **incoming.query,
    )
    return _in_words(answer, incoming)


@blueprint.route("/v1/imports/<id:import_id>", methods=["GET"])
@endpoint(answer=contract.Import, access=SIGNED_IN, versioned=True, refuses=(404,), branch=_BRANCH)
def get_import(incoming: Incoming, import_id: str) -> Answer:
    """How far an import has come, and the faults of its rows (who has started it, staff of the
    centre)."""
    answer = branch.one(incoming, _BRANCH, "get_import", id=import_id)
    # The words follow the language, which the version does not know.
    answer.conditional = False
    return _in_words(answer, incoming)


@blueprint.route("/v1/cohorts/<id:cohort_id>/export", methods=["GET"])
@endpoint(
    query=training_schemas.ExportQuery,
    media=(csv.CONTENT_TYPE, xlsx.CONTENT_TYPE),
    access=SIGNED_IN,
    refuses=(403, 404),
    branch=_BRANCH,
)
def export_table(incoming: Incoming, cohort_id: str) -> Answer:
    """A table of the cohort that can be imported again as it is, in the language of
    `Accept-Language`: attendance (staff of the centre; trainers of the cohort, who are not given
    telephones) or applicants (staff of the centre)."""
    asked = {"cohort_id": cohort_id, "language": incoming.call.language}
    return branch.file(incoming, _BRANCH, "export_table", **asked, **incoming.query)


def _in_words(answer: Answer, incoming: Incoming) -> Answer:
    faults: list[dict[str, Any]] = answer.data["faults"]
    language = incoming.call.language
    for each in faults:
        each["detail"] = _fault_in_words(each, language)
    problem = answer.data["problem"]
    if problem is not None:
        params = answer.data["problem_params"]
        answer.data["problem_detail"] = texts.text(f"{problem}.detail", language, params)
    return answer


def _fault_in_words(fault: dict[str, Any], language: str) -> str:
    """What is wrong with a cell: of its column, where that says more than the code alone."""
    said = {"said": fault["detail"]}
    for key in (f"imports.{fault['column']}.{fault['code']}", f"imports.{fault['code']}"):
        with suppress(KeyError):
            return texts.text(key, language, said)
    pointer = f"/rows/{fault['row']}/{fault['column']}"
    return field_text(FieldError(pointer, fault["code"], fault["detail"]), language)
