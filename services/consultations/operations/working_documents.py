"""Working documents: what people of an organisation and its advisers write down together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import date

from services.common import errors
from services.common.authorisation import check_signed_in
from services.common.context import Call
from services.common.contracts.consultations.working_documents import MOST_DOCUMENTS
from services.common.contracts.consultations.working_documents_errors import (
    TOO_MANY_DOCUMENTS,
    UNKNOWN_TEMPLATE,
)
from services.common.errors import FieldError, Invalid
from services.common.history.changes import Change, subject_of
from services.common.history.steps import record_change
from services.common.history.wire import ListHistory
from services.common.lists import one_more
from services.common.storage.idempotency import Request
from services.common.storage.mongo import Session
from services.common.time.wall_clock import to_local_time
from services.consultations.app import App
from services.consultations.domain import document_access
from services.consultations.domain.working_documents import (
    DocumentContent,
    DocumentEdition,
    DocumentKind,
    DocumentTemplate,
    WorkingDocument,
    check_schedule,
    check_structure,
)
from services.consultations.schemas.working_documents import (
    ChangeWorkingDocument,
    CreateWorkingDocument,
    ListTemplates,
    ListWorkingDocuments,
    OfDocument,
    OfDocumentEdition,
    RestoreWorkingDocument,
)


def find_templates(app: App, call: Call, query: ListTemplates) -> list[DocumentTemplate]:
    """Templates by id, one more than a page where there are more.

    Raises:
        errors.Unauthenticated: for a visitor.
    """
    check_signed_in(call.caller)
    return app.document_templates.find(
        what=query.kind, after=query.after, limit=one_more(query.limit)
    )


def find_working_documents(
    app: App, call: Call, query: ListWorkingDocuments
) -> list[WorkingDocument]:
    """The documents that the caller may see, by id, one more than a page where there are more.

    Raises:
        errors.Unauthenticated: for a visitor.
    """
    check_signed_in(call.caller)
    advised = app.cases.organisations_advised_by(call.caller)
    return app.working_documents.find(
        visible=document_access.visible_documents(call.caller, advised),
        organisation_id=query.organisation_id,
        what=query.kind,
        archived=query.archived,
        after=query.after,
        limit=one_more(query.limit),
    )


def get_working_document(app: App, call: Call, document_id: str) -> WorkingDocument:
    """Raises:
    errors.NotFound: if there is none, or the caller may not see it.
    errors.Unauthenticated: for a visitor.
    """
    check_signed_in(call.caller)
    document = app.working_documents.get(document_id)
    advises = advises_organisation(app, call, document.organisation_id)
    document_access.check_may_see_documents(call.caller, document.organisation_id, advises=advises)
    return document


def create_working_document(
    app: App, call: Call, command: CreateWorkingDocument
) -> WorkingDocument:
    """Begin a document: empty, with what is said, or by a template; the same key gives the same
    document again.

    Raises:
        errors.NotFound: for an organisation whose documents the caller may not see.
        errors.Unauthenticated, errors.Forbidden: for anybody but people of the organisation and
            its advisers.
        errors.Invalid: ``consultations.unknown_template``; ``not_of_kind``, naming the rows that
            this kind has not; and what ``check_structure`` and ``check_schedule`` refuse.
        errors.Conflict: ``consultations.too_many_documents``.
    """
    check_may_change(app, call, command.organisation_id)
    request = Request.of(call, "consultations.create_working_document", asdict(command))

    def work(session: Session) -> WorkingDocument:
        app.organisations.check_may_use(session, call.caller, command.organisation_id)
        content = _first_content(app, session, command)
        _check_content(command.kind, content, today_of(app))
        _check_room(app, session, command.organisation_id)
        now = app.clock.now()
        document = WorkingDocument(
            id=app.new_id(),
            organisation_id=command.organisation_id,
            what=command.kind,
            language=command.language,
            current=DocumentEdition(1, content, call.caller.id, now),
            made_at=now,
            template_id=command.template_id,
        )
        app.working_documents.add(session, document)
        record_change(app, call.caller, session, document, None, document.facts)
        return document

    store = app.working_documents
    return app.keys.once(request, work, save=store.document_of, load=store.aggregate_of)


def change_working_document(
    app: App, call: Call, command: ChangeWorkingDocument
) -> WorkingDocument:
    """Write one more edition, or put the document into the archive or out of it. A request that
    changes nothing gives the document as it is.

    Raises:
        errors.NotFound: if there is none, or the caller may not see it.
        errors.Unauthenticated, errors.Forbidden: for anybody but people of the organisation and
            its advisers.
        errors.Stale: it is not at the expected version any more.
        errors.Invalid: as of :func:`create_working_document`.
        errors.Conflict: ``consultations.document_archived``, ``consultations.editions_used_up``,
            ``consultations.too_many_documents``.
    """

    def changed(before: WorkingDocument, session: Session) -> WorkingDocument:
        after = before
        if command.archived is not None:
            after = _file(app, session, before, command.archived)
        if command.said:
            said = {"title": None, "roles": None, "entries": None, **command.said}
            now_said = before.current.content
            content = DocumentContent(
                title=said["title"] or now_said.title,
                roles=now_said.roles if said["roles"] is None else said["roles"],
                entries=now_said.entries if said["entries"] is None else said["entries"],
            )
            _check_content(before.what, content, today_of(app))
            after = after.changed(content, call.caller.id, app.clock.now(), reason=command.reason)
        return after

    return _change(app, call, command.id, command.expected_version, changed, command.reason)


def restore_working_document(
    app: App, call: Call, command: RestoreWorkingDocument
) -> WorkingDocument:
    """Write one more edition that says what an earlier one said.

    Raises:
        errors.NotFound: if there is no such document or edition, or the caller may not see it.
        errors.Unauthenticated, errors.Forbidden, errors.Stale, errors.Conflict: as of
            :func:`change_working_document`.
    """

    def changed(before: WorkingDocument, session: Session) -> WorkingDocument:
        edition = edition_of(app, before, command.number, session)
        by, now = call.caller.id, app.clock.now()
        return before.changed(edition.content, by, now, of=edition.number)

    return _change(app, call, command.id, command.expected_version, changed, None)


def find_document_editions(app: App, call: Call, query: OfDocument) -> list[DocumentEdition]:
    """The editions of a document, the newest first, one more than a page where there are more.

    Raises:
        as :func:`get_working_document`.
    """
    document = get_working_document(app, call, query.id)
    current = document.current
    before = current.number + 1 if query.after is None else query.after
    newest = [current] if current.number < before else []
    limit = one_more(query.limit) - len(newest)
    return [*newest, *app.document_editions.find(document.id, before=before, limit=limit)]


def get_document_edition(app: App, call: Call, query: OfDocumentEdition) -> DocumentEdition:
    """One edition of a document; the newest where none is named.

    Raises:
        as :func:`get_working_document`; and errors.NotFound: if it has no such edition.
    """
    return edition_of(app, get_working_document(app, call, query.id), query.number)


def working_document_history(app: App, call: Call, query: ListHistory) -> list[Change]:
    """Who changed what of a document, when and why; oldest first, one more than a page where there
    are more.

    Raises:
        as :func:`get_working_document`.
    """
    document = get_working_document(app, call, query.id)
    return app.history.of(subject_of(document), after=query.after, limit=one_more(query.limit))


# -- what the use cases share ----------------------------------------------------------------------


def check_may_change(app: App, call: Call, organisation_id: str) -> None:
    """Whether the caller writes in documents of an organisation.

    Raises:
        errors.NotFound: for an organisation whose documents the caller may not see.
        errors.Unauthenticated, errors.Forbidden: for anybody but people of the organisation and
            its advisers.
    """
    advises = advises_organisation(app, call, organisation_id)
    document_access.check_may_change_documents(call.caller, organisation_id, advises=advises)


def advises_organisation(app: App, call: Call, organisation_id: str) -> bool:
    """Whether the caller is an adviser of a case of the organisation."""
    return organisation_id in app.cases.organisations_advised_by(call.caller)


def today_of(app: App) -> date:
    """The date at the centres, which have one time zone: an organisation has no centre of its
    own."""
    zones = [each.time_zone for each in app.centres.page(limit=1)]
    return to_local_time(app.clock.now(), zones[0]).date()


def edition_of(
    app: App, document: WorkingDocument, number: int | None, session: Session | None = None
) -> DocumentEdition:
    """One edition of a document; the newest where none is named.

    Raises:
        errors.NotFound: if it has no such edition.
    """
    if number in {None, document.current.number}:
        return document.current
    assert number is not None
    found = app.document_editions.look_up(document.id, number, session)
    if found is None:
        raise errors.NotFound()
    return found


def _first_content(app: App, session: Session, command: CreateWorkingDocument) -> DocumentContent:
    """Raises:
    errors.Invalid: ``consultations.unknown_template``.
    """
    said = DocumentContent(command.title, command.roles or (), command.entries or ())
    if command.template_id is None:
        return said
    template = app.document_templates.look_up(command.template_id, session)
    if template is None or template.what is not command.kind:
        raise UNKNOWN_TEMPLATE(errors=[FieldError("/template_id", UNKNOWN_TEMPLATE.code)])
    if command.roles is not None or command.entries is not None:
        return said
    starts_on = command.starts_on or today_of(app)
    return template.content(command.title, command.language, starts_on)


def _check_content(what: DocumentKind, content: DocumentContent, today: date) -> None:
    """Raises:
    errors.Invalid: for rows that this kind has not; and as ``check_structure`` and
        ``check_schedule``.
    """
    name, strange = (
        ("entries", content.entries) if what is DocumentKind.STRUCTURE else ("roles", content.roles)
    )
    if strange:
        raise Invalid(
            detail=f"a {what} has no {name}", errors=[FieldError(f"/{name}", "not_of_kind")]
        )
    check_structure(content.roles)
    check_schedule(content.entries, today)


def _file(app: App, session: Session, document: WorkingDocument, archived: bool) -> WorkingDocument:
    """The document in the archive or out of it, where there is room.

    Raises:
        errors.Conflict: ``consultations.too_many_documents``.
    """
    after = document.filed(archived)
    if after is not document and not archived:
        _check_room(app, session, document.organisation_id)
    return after


def _check_room(app: App, session: Session, organisation_id: str) -> None:
    used = app.working_documents.count_open(session, organisation_id, MOST_DOCUMENTS)
    if used >= MOST_DOCUMENTS:
        raise TOO_MANY_DOCUMENTS(most=MOST_DOCUMENTS)


def _change(
    app: App,
    call: Call,
    document_id: str,
    expected_version: int,
    changed: Callable[[WorkingDocument, Session], WorkingDocument],
    reason: str | None,
) -> WorkingDocument:
    check_signed_in(call.caller)

    def work(session: Session) -> WorkingDocument:
        before = app.working_documents.get(document_id, session)
        check_may_change(app, call, before.organisation_id)
        if before.version != expected_version:
            raise errors.Stale()
        after = changed(before, session)
        if after is before:
            return before
        # What is said and where it is filed may have changed together: one version for both.
        after = replace(after, version=before.version + 1)
        if after.current.number != before.current.number:
            app.document_editions.add(session, before)
        app.working_documents.save(session, after, before.version)
        record_change(app, call.caller, session, after, before.facts, after.facts, reason)
        return after

    return app.database.transact(work)
