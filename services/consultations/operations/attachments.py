"""Files of a case: its people add them; who may read the case, or the note, may read the file."""

from __future__ import annotations

from services.common import errors
from services.common.authorisation import check_signed_in
from services.common.context import Call
from services.common.contracts.consultations.need_to_know_errors import TOO_MANY_ATTACHMENTS
from services.common.files.checking import CheckedFile, check_file
from services.common.storage.idempotency import Request
from services.common.storage.mongo import Document, Session
from services.consultations.app import App
from services.consultations.domain.attachments import MOST_ATTACHMENTS, Attachment
from services.consultations.domain.case_access import Reading
from services.consultations.domain.cases import Case
from services.consultations.schemas.attachments import AddAttachment, OfAttachment
from services.consultations.steps.case_news import record_news
from services.consultations.steps.case_reading import (
    case_to_write,
    is_insider,
    read_case,
    record_reading,
)


def list_attachments(app: App, call: Call, case_id: str) -> list[Attachment]:
    """The files of a case that the caller may read, oldest first.

    Raises:
        errors.Unauthenticated, errors.NotFound: for who may not know of the case.
    """
    case = read_case(app, call.caller, case_id, Reading.ATTACHMENTS)
    files = app.attachments.of_case(case.id, insider=is_insider(app, call.caller, case))
    if not case.sealed and any(each.sealed for each in files):
        record_reading(app, call.caller, [case], Reading.ATTACHMENTS, sealed=True)
    return files


def read_attachment(app: App, call: Call, query: OfAttachment) -> tuple[Attachment, bytes]:
    """A file and its bytes, for who may read it at this moment.

    Raises:
        errors.Unauthenticated, errors.NotFound: for who may not know of the case, or of the file.
    """
    check_signed_in(call.caller)
    case = app.cases.get_visible(query.case_id, call.caller, app.clock.now())
    insider = is_insider(app, call.caller, case)
    found = app.attachments.get_of_case(query.id, case.id, insider=insider)
    record_reading(
        app, call.caller, [case], Reading.ATTACHMENT, item_id=found.id, sealed=found.sealed
    )
    _, data = app.files.read(found.id, case.id)
    return found, data


def add_attachment(app: App, call: Call, command: AddAttachment) -> Attachment:
    """Give a case, or one of its notes, a file; the same key gives the same one again.

    Raises:
        errors.Unauthenticated, errors.NotFound: for who may not know of the case, or if it has no
            such note.
        errors.Forbidden: for others than its people.
        errors.Invalid: as of :func:`services.common.files.checking.check_file`.
        errors.Conflict: ``consultations.too_many_attachments``.
    """
    case = case_to_write(app, call.caller, command.case_id)
    file = check_file(command.name, command.content)
    asked = {
        "case_id": case.id,
        "note_id": command.note_id,
        "name": file.name,
        "sha256": file.sha256,
    }
    request = Request.of(call, "consultations.add_attachment", asked)
    # Outside of the transaction: GridFS has none. What no transaction attaches is swept away.
    file_id = app.files.put(file, case.id)

    def work(session: Session) -> Attachment:
        case_to_write(app, call.caller, case.id, session)
        if app.attachments.count(case.id, session) >= MOST_ATTACHMENTS:
            raise TOO_MANY_ATTACHMENTS(most=MOST_ATTACHMENTS)
        note_id, sealed = command.note_id, False
        if note_id is not None:
            sealed = app.notes.get_of_case(note_id, case.id, insider=True, session=session).sealed
        app.files.attach(session, file_id, case.id)
        attachment = _new_attachment(app, call, case, note_id, sealed, file_id, file)
        app.attachments.add(session, attachment)
        record_news(app, session, call.caller, case, "file_added")
        return attachment

    def as_it_is_now(kept: Document) -> Attachment:
        return app.attachments.get_of_case(kept["id"], case.id, insider=True)

    return app.keys.once(request, work, save=lambda kept: {"id": kept.id}, load=as_it_is_now)


def remove_attachment(app: App, call: Call, command: OfAttachment) -> None:
    """Take a file away: who has added it may, and the advisers of the case.

    Raises:
        errors.Unauthenticated, errors.NotFound: as of :func:`add_attachment`, or if the case has no
            such file.
        errors.Forbidden: for others.
    """

    def work(session: Session) -> None:
        case = case_to_write(app, call.caller, command.case_id, session)
        found = app.attachments.get_of_case(command.id, case.id, insider=True, session=session)
        if found.added_by != call.caller.id and call.caller.id not in case.adviser_ids:
            raise errors.Forbidden()
        app.files.detach(session, found.id, case.id)
        app.attachments.remove(session, found)
        record_news(app, session, call.caller, case, "file_removed")

    app.database.transact(work)


def _new_attachment(
    app: App,
    call: Call,
    case: Case,
    note_id: str | None,
    sealed: bool,
    file_id: str,
    file: CheckedFile,
) -> Attachment:
    return Attachment(
        id=file_id,
        case_id=case.id,
        note_id=note_id,
        sealed=sealed,
        name=file.name,
        content_type=file.content_type,
        size=file.size,
        sha256=file.sha256,
        added_by=call.caller.id,
        added_at=app.clock.now(),
    )
