"""Working documents: structures and work schedules of organisations."""

from __future__ import annotations

from gateway.api import branch
from gateway.web import plan_schemas, schemas
from gateway.web.endpoint import SIGNED_IN, Answer, Incoming, endpoint
from gateway.web.openapi import Blueprint
from services.common.contracts.consultations import case_errors
from services.common.contracts.consultations import working_documents as contract
from services.common.contracts.consultations import working_documents_errors as errors
from services.common.contracts.consultations.action_plans_errors import EDITIONS_USED_UP

blueprint = Blueprint(
    "working_documents", __name__, description="Structures and work schedules of organisations"
)

_BRANCH = "consultations"
_DOCUMENT = "/v1/working-documents/<id:document_id>"
_OF_CONTENT = (
    errors.STRUCTURE_CIRCLE,
    errors.UNKNOWN_ROLE,
    errors.STARTS_AFTER_DUE,
    errors.SCHEDULE_TOO_LONG,
    errors.TOO_MANY_DOCUMENTS,
)
_OF_CHANGE = (errors.DOCUMENT_ARCHIVED, EDITIONS_USED_UP)


@blueprint.route("/v1/working-document-templates", methods=["GET"])
@endpoint(
    query=plan_schemas.DocumentTemplatesQuery,
    answer=plan_schemas.DocumentTemplatePage,
    access=SIGNED_IN,
    branch=_BRANCH,
)
def list_document_templates(incoming: Incoming) -> Answer:
    """What a document may begin with, in every language."""
    return branch.listed(incoming, _BRANCH, "list_document_templates")


@blueprint.route("/v1/working-documents", methods=["GET"])
@endpoint(
    query=plan_schemas.WorkingDocumentsQuery,
    answer=plan_schemas.WorkingDocumentPage,
    access=SIGNED_IN,
    branch=_BRANCH,
)
def list_working_documents(incoming: Incoming) -> Answer:
    """The documents of my organisations, and for an adviser those of the organisations that the
    adviser supports; managers see all."""
    return branch.unstored(branch.listed(incoming, _BRANCH, "list_working_documents"))


@blueprint.route("/v1/working-documents", methods=["POST"])
@endpoint(
    body=contract.CreateWorkingDocument,
    longest_body=contract.LARGEST_DOCUMENT,
    answer=contract.WorkingDocument,
    status=201,
    access=SIGNED_IN,
    creates=True,
    versioned=True,
    refuses=(
        403,
        404,
        errors.UNKNOWN_TEMPLATE,
        case_errors.UNKNOWN_ORGANISATION,
        case_errors.ORGANISATION_NOT_APPROVED,
        *_OF_CONTENT,
    ),
    branch=_BRANCH,
    example={
        "organisation_id": "euphrates-development",
        "kind": "structure",
        "title": "هيكلية المنظمة",
        "template_id": "small-association",
    },
)
def create_working_document(incoming: Incoming) -> Answer:
    """Begin a document: by a template, with what is sent, or empty (people of the organisation, its
    advisers)."""
    return branch.unstored(
        branch.created(
            incoming, _BRANCH, "create_working_document", "/v1/working-documents", **incoming.body
        )
    )


@blueprint.route(_DOCUMENT, methods=["GET"])
@endpoint(
    query=schemas.Selection,
    answer=contract.WorkingDocument,
    access=SIGNED_IN,
    versioned=True,
    refuses=(404,),
    branch=_BRANCH,
)
def get_working_document(incoming: Incoming, document_id: str) -> Answer:
    """A document in its newest edition (people of the organisation, its advisers, managers)."""
    return branch.unstored(branch.one(incoming, _BRANCH, "get_working_document", id=document_id))


@blueprint.route(_DOCUMENT, methods=["PATCH"])
@endpoint(
    body=contract.DocumentChanges,
    longest_body=contract.LARGEST_DOCUMENT,
    answer=contract.WorkingDocument,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, *_OF_CONTENT, *_OF_CHANGE),
    branch=_BRANCH,
    example={"title": "هيكلية المنظمة 2027", "reason": "قسم جديد"},
)
def change_working_document(incoming: Incoming, document_id: str) -> Answer:
    """Write one more edition, or put the document into the archive or out of it (people of the
    organisation, its advisers). All editions are kept."""
    return branch.unstored(
        branch.changed(incoming, _BRANCH, "change_working_document", document_id, **incoming.body)
    )


@blueprint.route(f"{_DOCUMENT}/restore", methods=["POST"])
@endpoint(
    body=contract.EditionToRestore,
    answer=contract.WorkingDocument,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, *_OF_CHANGE),
    branch=_BRANCH,
    example={"number": 1},
)
def restore_working_document(incoming: Incoming, document_id: str) -> Answer:
    """Write one more edition that says what an earlier one said (people of the organisation, its
    advisers)."""
    return branch.unstored(
        branch.changed(incoming, _BRANCH, "restore_working_document", document_id, **incoming.body)
    )


@blueprint.route(f"{_DOCUMENT}/editions", methods=["GET"])
@endpoint(
    query=schemas.ListQuery,
    answer=plan_schemas.DocumentEditionPage,
    access=SIGNED_IN,
    refuses=(404,),
    branch=_BRANCH,
)
def list_document_editions(incoming: Incoming, document_id: str) -> Answer:
    """All editions, the newest first (all who see the document)."""
    return branch.unstored(
        branch.listed(incoming, _BRANCH, "list_document_editions", id=document_id)
    )


@blueprint.route(f"{_DOCUMENT}/editions/<id:number>", methods=["GET"])
@endpoint(answer=contract.DocumentEdition, access=SIGNED_IN, refuses=(404,), branch=_BRANCH)
def get_document_edition(incoming: Incoming, document_id: str, number: str) -> Answer:
    """One edition (all who see the document)."""
    asked = {"id": document_id, "number": branch.number_in_path(number)}
    return branch.unstored(Answer(branch.ask(incoming, _BRANCH, "get_document_edition", **asked)))


@blueprint.route(f"{_DOCUMENT}/picture", methods=["GET"])
@endpoint(
    query=plan_schemas.PictureQuery,
    media=("image/svg+xml",),
    access=SIGNED_IN,
    refuses=(404,),
    branch=_BRANCH,
)
def document_picture(incoming: Incoming, document_id: str) -> Answer:
    """An edition as a picture, SVG: who answers to whom, or who does what by when. It begins on the
    side where the document's language begins (all who see the document)."""
    asked = {"id": document_id, "number": incoming.query["number"]}
    return branch.file(incoming, _BRANCH, "document_picture", **asked)


@blueprint.route(f"{_DOCUMENT}/export", methods=["GET"])
@endpoint(
    query=plan_schemas.DocumentTableQuery,
    media=(
        "text/csv",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
    access=SIGNED_IN,
    refuses=(404,),
    branch=_BRANCH,
)
def export_document(incoming: Incoming, document_id: str) -> Answer:
    """An edition as a table for spreadsheets (all who see the document)."""
    asked = {"id": document_id, **incoming.query}
    return branch.file(incoming, _BRANCH, "document_table", **asked)


@blueprint.route(f"{_DOCUMENT}/comments", methods=["GET"])
@endpoint(
    query=schemas.ListQuery,
    answer=plan_schemas.DocumentCommentPage,
    access=SIGNED_IN,
    refuses=(404,),
    branch=_BRANCH,
)
def list_document_comments(incoming: Incoming, document_id: str) -> Answer:
    """What people say of the document, the oldest first (all who see the document)."""
    return branch.unstored(
        branch.listed(incoming, _BRANCH, "list_document_comments", id=document_id)
    )


@blueprint.route(f"{_DOCUMENT}/comments", methods=["POST"])
@endpoint(
    body=contract.DocumentRemark,
    answer=contract.DocumentComment,
    status=201,
    access=SIGNED_IN,
    creates=True,
    versioned=True,
    refuses=(
        403,
        404,
        errors.UNKNOWN_ROW,
        errors.DOCUMENT_ARCHIVED,
        errors.COMMENTS_USED_UP,
    ),
    branch=_BRANCH,
    example={"text": "من يحلّ محلّ المديرة عند غيابها؟", "edition": 2, "row_id": "director"},
)
def comment_on_document(incoming: Incoming, document_id: str) -> Answer:
    """Say something of an edition, or of one of its roles or tasks (people of the organisation, its
    advisers)."""
    asked = {**incoming.body, "id": document_id}
    answer = branch.one(incoming, _BRANCH, "comment_on_document", **asked)
    answer.location = f"/v1/working-documents/{document_id}/comments"
    return branch.unstored(answer)


@blueprint.route(f"{_DOCUMENT}/history", methods=["GET"])
@endpoint(
    query=schemas.ListQuery,
    answer=schemas.HistoryPage,
    access=SIGNED_IN,
    refuses=(404,),
    branch=_BRANCH,
)
def working_document_history(incoming: Incoming, document_id: str) -> Answer:
    """Who changed what of the document, when and why (all who see the document)."""
    return branch.unstored(
        branch.listed(incoming, _BRANCH, "working_document_history", id=document_id)
    )
