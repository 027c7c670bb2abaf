"""Participants: the people whom trainings knows, for staff."""

from __future__ import annotations

from gateway.api import branch
from gateway.web import schemas, training_schemas
from gateway.web.endpoint import SIGNED_IN, Answer, Incoming, endpoint
from gateway.web.openapi import Blueprint
from services.common.contracts.trainings import participants as contract
from services.common.contracts.trainings import participants_errors as errors

blueprint = Blueprint("participants", __name__, description="Participants of trainings")

_BRANCH = "trainings"


@blueprint.route("/v1/participants", methods=["GET"])
@endpoint(
    query=training_schemas.ParticipantsQuery,
    answer=training_schemas.ParticipantPage,
    access=SIGNED_IN,
    refuses=(403,),
    branch=_BRANCH,
)
def list_participants(incoming: Incoming) -> Answer:
    """Everybody whom trainings knows (staff), without records that were merged or erased."""
    return branch.listed(incoming, _BRANCH, "list_participants")


@blueprint.route("/v1/participants/duplicates", methods=["GET"])
@endpoint(
    query=schemas.ListQuery,
    answer=training_schemas.DuplicatePage,
    access=SIGNED_IN,
    refuses=(403,),
    branch=_BRANCH,
)
def list_duplicates(incoming: Incoming) -> Answer:
    """Pairs of records that may be of one person, the strongest reason first (staff).

    They are proposals: people merge them, or say that they are of two people.
    """
    return branch.listed(incoming, _BRANCH, "list_duplicates")


@blueprint.route("/v1/participants/<id:participant_id>", methods=["GET"])
@endpoint(
    query=schemas.Selection,
    answer=contract.Participant,
    access=SIGNED_IN,
    versioned=True,
    refuses=(404,),
    branch=_BRANCH,
)
def get_participant(incoming: Incoming, participant_id: str) -> Answer:
    """One participant (staff, and the person)."""
    return branch.one(incoming, _BRANCH, "get_participant", id=participant_id)


@blueprint.route("/v1/participants/<id:participant_id>", methods=["PATCH"])
@endpoint(
    body=contract.ParticipantChanges,
    answer=contract.Participant,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, errors.PARTICIPANT_GONE),
    branch=_BRANCH,
    example={"phone": "0944 123 456", "birth_year": 1994, "reason": "تصحيح رقم الهاتف"},
)
def change_participant(incoming: Incoming, participant_id: str) -> Answer:
    """Correct what is known of a participant (staff)."""
    return branch.changed(incoming, _BRANCH, "change_participant", participant_id, **incoming.body)


@blueprint.route("/v1/participants/<id:participant_id>/history", methods=["GET"])
@endpoint(
    query=schemas.ListQuery,
    answer=schemas.HistoryPage,
    access=SIGNED_IN,
    refuses=(403, 404),
    branch=_BRANCH,
)
def participant_history(incoming: Incoming, participant_id: str) -> Answer:
    """Who changed what of the participant, when and why (staff). Oldest first."""
    return branch.listed(incoming, _BRANCH, "participant_history", id=participant_id)


@blueprint.route(
    "/v1/participants/<id:participant_id>/different-people/<id:other_id>", methods=["PUT"]
)
@endpoint(
    answer=contract.DifferentPeople,
    access=SIGNED_IN,
    refuses=(403, 404, errors.SAME_RECORD, errors.PARTICIPANT_GONE),
    branch=_BRANCH,
)
def mark_different(incoming: Incoming, participant_id: str, other_id: str) -> Answer:
    """Remember that two records are of two people: they are proposed and merged no more (staff)."""
    found = branch.ask(incoming, _BRANCH, "mark_different", id=participant_id, other_id=other_id)
    return Answer(found)


@blueprint.route("/v1/participants/<id:participant_id>/merge", methods=["POST"])
@endpoint(
    body=contract.Merging,
    answer=contract.Merge,
    access=SIGNED_IN,
    changes=True,
    refuses=(
        403,
        404,
        errors.SAME_RECORD,
        errors.PARTICIPANT_GONE,
        errors.KNOWN_AS_DIFFERENT,
        errors.ACCOUNT_STAYS,
    ),
    branch=_BRANCH,
    example={"merged_id": "019a7c1e-5b7e-7c4b-9d1a-3f2a6b8c9d0e"},
)
def merge_participants(incoming: Incoming, participant_id: str) -> Answer:
    """Make one record of two that are of one person (managers). It cannot be undone.

    Nothing that the person has done is lost. The person keeps one seat in each cohort, and a spare
    one is offered to the next; each session counts once; certificates verify as before. The answer
    lists what moved.
    """
    return branch.changed(incoming, _BRANCH, "merge_participants", participant_id, **incoming.body)
