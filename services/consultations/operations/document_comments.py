"""Comments on working documents: what people say of an edition, or of one of its rows."""

from __future__ import annotations

from dataclasses import asdict

from services.common.authorisation import check_signed_in
from services.common.context import Call
from services.common.contracts.consultations.working_documents import MOST_COMMENTS
from services.common.contracts.consultations.working_documents_errors import (
    COMMENTS_USED_UP,
    UNKNOWN_ROW,
)
from services.common.errors import FieldError
from services.common.lists import one_more
from services.common.storage.idempotency import Request
from services.common.storage.mongo import Session
from services.consultations.app import App
from services.consultations.domain.working_documents import Comment
from services.consultations.operations.working_documents import (
    check_may_change,
    edition_of,
    get_working_document,
)
from services.consultations.schemas.working_documents import CommentOnDocument, OfDocument


def find_comments(app: App, call: Call, query: OfDocument) -> list[Comment]:
    """Comments on a document, the oldest first, one more than a page where there are more.

    Raises:
        as :func:`get_working_document`.
    """
    document = get_working_document(app, call, query.id)
    return app.document_comments.of(document.id, after=query.after, limit=one_more(query.limit))


def comment_on_document(app: App, call: Call, command: CommentOnDocument) -> Comment:
    """Say something of a document; the same key gives the same comment again.

    Raises:
        errors.NotFound: if there is no such document or edition, or the caller may not see it.
        errors.Unauthenticated, errors.Forbidden: for anybody but people of the organisation and
            its advisers.
        errors.Invalid: ``consultations.unknown_row`` for a row that the edition has not.
        errors.Conflict: ``consultations.document_archived``,
            ``consultations.comments_used_up``.
    """
    check_signed_in(call.caller)
    document = app.working_documents.get(command.id)
    check_may_change(app, call, document.organisation_id)
    request = Request.of(call, "consultations.comment_on_document", asdict(command))

    def work(session: Session) -> Comment:
        before = app.working_documents.get(command.id, session)
        before.check_open()
        edition = edition_of(app, before, command.edition, session)
        if command.row_id is not None and command.row_id not in edition.content.row_ids:
            raise UNKNOWN_ROW(errors=[FieldError("/row_id", UNKNOWN_ROW.code)])
        if app.document_comments.count_of(session, command.id, MOST_COMMENTS) >= MOST_COMMENTS:
            raise COMMENTS_USED_UP(most=MOST_COMMENTS)
        comment = Comment(
            id=app.new_id(),
            document_id=command.id,
            edition=edition.number,
            by=call.caller.id,
            at=app.clock.now(),
            text=command.text,
            row_id=command.row_id,
        )
        app.document_comments.add(session, comment)
        return comment

    store = app.document_comments
    return app.keys.once(request, work, save=store.document_of, load=store.aggregate_of)
