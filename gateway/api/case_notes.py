"""Notes and files of cases."""

from __future__ import annotations

from gateway.api import branch
from gateway.web import consultation_schemas, schemas
from gateway.web.endpoint import SIGNED_IN, Answer, Incoming, endpoint
from gateway.web.openapi import Blueprint
from services.common.contracts import files_errors
from services.common.contracts.consultations import attachments, need_to_know_errors, notes
from services.common.contracts.files import LARGEST
from services.common.files.wire import content_to_wire

blueprint = Blueprint("case_notes", __name__, description="Notes and files of cases")

_BRANCH = "consultations"
_NOTES = "/v1/cases/<id:case_id>/notes"
_NOTE = "/v1/cases/<id:case_id>/notes/<id:note_id>"
_FILES = "/v1/cases/<id:case_id>/attachments"
_FILE = "/v1/cases/<id:case_id>/attachments/<id:file_id>"


@blueprint.route(_NOTES, methods=["GET"])
@endpoint(
    query=schemas.ListQuery,
    answer=consultation_schemas.CaseNotePage,
    access=SIGNED_IN,
    refuses=(404,),
    branch=_BRANCH,
)
def list_notes(incoming: Incoming, case_id: str) -> Answer:
    """The notes of a case, oldest first; a sealed one is listed for its people alone."""
    return branch.unstored(branch.listed(incoming, _BRANCH, "list_notes", case_id=case_id))


@blueprint.route(_NOTES, methods=["POST"])
@endpoint(
    body=notes.NewNote,
    answer=notes.CaseNote,
    status=201,
    access=SIGNED_IN,
    creates=True,
    versioned=True,
    refuses=(403, 404, need_to_know_errors.TOO_MANY_NOTES),
    branch=_BRANCH,
    example={"text": "اتصلنا بالمنظمة، وسترسل العقد غداً.", "sealed": True},
)
def add_note(incoming: Incoming, case_id: str) -> Answer:
    """Write a note (people of the case)."""
    answer = branch.one(incoming, _BRANCH, "add_note", case_id=case_id, **incoming.body)
    answer.location = f"/v1/cases/{case_id}/notes/{answer.data['id']}"
    return branch.unstored(answer)


@blueprint.route(_NOTE, methods=["GET"])
@endpoint(answer=notes.CaseNote, access=SIGNED_IN, versioned=True, refuses=(404,), branch=_BRANCH)
def get_note(incoming: Incoming, case_id: str, note_id: str) -> Answer:
    """One note with what people say about it."""
    asked = {"case_id": case_id, "id": note_id}
    return branch.unstored(branch.one(incoming, _BRANCH, "get_note", **asked))


@blueprint.route(_NOTE, methods=["PATCH"])
@endpoint(
    body=notes.NoteText,
    answer=notes.CaseNote,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404),
    branch=_BRANCH,
    example={"text": "اتصلنا بالمنظمة، وأرسلت العقد."},
)
def change_note(incoming: Incoming, case_id: str, note_id: str) -> Answer:
    """Say it otherwise (the author)."""
    return _changed(incoming, "change_note", case_id, note_id)


@blueprint.route(f"{_NOTE}/seal", methods=["POST"])
@endpoint(
    body=schemas.Empty,
    answer=notes.CaseNote,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404),
    branch=_BRANCH,
)
def seal_note(incoming: Incoming, case_id: str, note_id: str) -> Answer:
    """Have only the people of the case read a note and its files (people of the case)."""
    return _changed(incoming, "seal_note", case_id, note_id)


@blueprint.route(f"{_NOTE}/unseal", methods=["POST"])
@endpoint(
    body=schemas.Empty,
    answer=notes.CaseNote,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404),
    branch=_BRANCH,
)
def unseal_note(incoming: Incoming, case_id: str, note_id: str) -> Answer:
    """Have all who see the case read a note and its files (the author)."""
    return _changed(incoming, "unseal_note", case_id, note_id)


@blueprint.route(f"{_NOTE}/comments", methods=["POST"])
@endpoint(
    body=notes.CommentText,
    answer=notes.CaseNote,
    status=201,
    access=SIGNED_IN,
    creates=True,
    versioned=True,
    refuses=(403, 404, need_to_know_errors.TOO_MANY_COMMENTS),
    branch=_BRANCH,
    example={"text": "وصل العقد، شكراً."},
)
def comment_on_note(incoming: Incoming, case_id: str, note_id: str) -> Answer:
    """Say something about a note (people of the case)."""
    asked = {"case_id": case_id, "id": note_id, **incoming.body}
    return branch.unstored(branch.one(incoming, _BRANCH, "comment_on_note", **asked))


@blueprint.route(_FILES, methods=["GET"])
@endpoint(answer=attachments.AttachmentList, access=SIGNED_IN, refuses=(404,), branch=_BRANCH)
def list_attachments(incoming: Incoming, case_id: str) -> Answer:
    """The files of a case, oldest first; those of a sealed note are listed for its people alone."""
    return branch.unstored(
        Answer(branch.ask(incoming, _BRANCH, "list_attachments", case_id=case_id))
    )


@blueprint.route(_FILES, methods=["POST"])
@endpoint(
    query=attachments.NewAttachment,
    largest_file=LARGEST,
    answer=attachments.Attachment,
    status=201,
    access=SIGNED_IN,
    creates=True,
    versioned=True,
    refuses=(403, 404, *files_errors.ALL, need_to_know_errors.TOO_MANY_ATTACHMENTS),
    branch=_BRANCH,
)
def add_attachment(incoming: Incoming, case_id: str) -> Answer:
    """Give a case, or one of its notes, a file of at most 5 MiB (people of the case).

    The body is the file as it is. What it is, its content says; one that is not what its name says
    is refused.
    """
    answer = branch.one(
        incoming,
        _BRANCH,
        "add_attachment",
        case_id=case_id,
        content=content_to_wire(incoming.file),
        **incoming.query,
    )
    answer.location = f"/v1/cases/{case_id}/attachments/{answer.data['id']}"
    return branch.unstored(answer)


@blueprint.route(_FILE, methods=["GET"])
@endpoint(media=("*/*",), access=SIGNED_IN, refuses=(404,), branch=_BRANCH)
def read_attachment(incoming: Incoming, case_id: str, file_id: str) -> Answer:
    """A file, to be saved. Its address works for those who may read it now, and for nobody else."""
    asked = {"case_id": case_id, "id": file_id}
    return branch.file(incoming, _BRANCH, "read_attachment", **asked)


@blueprint.route(_FILE, methods=["DELETE"])
@endpoint(status=204, access=SIGNED_IN, refuses=(403, 404), branch=_BRANCH)
def remove_attachment(incoming: Incoming, case_id: str, file_id: str) -> Answer:
    """Take a file away (who has added it, and the advisers of the case)."""
    branch.ask(incoming, _BRANCH, "remove_attachment", case_id=case_id, id=file_id)
    return Answer(None)


def _changed(incoming: Incoming, method: str, case_id: str, note_id: str) -> Answer:
    asked = {"case_id": case_id, **incoming.body}
    return branch.unstored(branch.changed(incoming, _BRANCH, method, note_id, **asked))
