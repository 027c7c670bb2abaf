"""Notes of a case: its people write them; a sealed one only they read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict

from services.common import errors
from services.common.authorisation import check_signed_in
from services.common.context import Call
from services.common.contracts.consultations.need_to_know_errors import (
    TOO_MANY_COMMENTS,
    TOO_MANY_NOTES,
)
from services.common.history.steps import record_change
from services.common.lists import one_more
from services.common.storage.idempotency import Request
from services.common.storage.mongo import Document, Session
from services.consultations.app import App
from services.consultations.domain.case_access import Reading
from services.consultations.domain.notes import MOST_COMMENTS, MOST_NOTES, Comment, Note
from services.consultations.schemas.notes import (
    AddNote,
    ChangeNote,
    CommentOnNote,
    ListNotes,
    OfNote,
    VersionOfNote,
)
from services.consultations.steps.case_news import record_news
from services.consultations.steps.case_reading import (
    case_to_write,
    is_insider,
    read_case,
    record_reading,
)
from services.consultations.steps.time_limits import meet_first_answer


def list_notes(app: App, call: Call, query: ListNotes) -> list[Note]:
    """The notes of a case that the caller may read, oldest first; one more than a page where there
    are more.

    Raises:
        errors.Unauthenticated, errors.NotFound: for who may not know of the case.
    """
    case = read_case(app, call.caller, query.case_id, Reading.NOTES)
    notes = app.notes.of_case(
        case.id,
        insider=is_insider(app, call.caller, case),
        after=query.after,
        limit=one_more(query.limit),
    )
    if not case.sealed and any(each.sealed for each in notes):
        record_reading(app, call.caller, [case], Reading.NOTES, sealed=True)
    return notes


def get_note(app: App, call: Call, query: OfNote) -> Note:
    """Raises:
    errors.Unauthenticated, errors.NotFound: for who may not know of the case, or of the note.
    """
    check_signed_in(call.caller)
    case = app.cases.get_visible(query.case_id, call.caller, app.clock.now())
    note = app.notes.get_of_case(query.id, case.id, insider=is_insider(app, call.caller, case))
    record_reading(app, call.caller, [case], Reading.NOTE, item_id=note.id, sealed=note.sealed)
    return note


def add_note(app: App, call: Call, command: AddNote) -> Note:
    """Write a note; the same key gives the same one again, as it is now. An open one of an adviser
    of the case answers the organisation.

    Raises:
        errors.Unauthenticated, errors.NotFound: for who may not know of the case.
        errors.Forbidden: for others than its people.
        errors.Conflict: ``consultations.too_many_notes``.
    """
    case = case_to_write(app, call.caller, command.case_id)
    request = Request.of(call, "consultations.add_note", asdict(command))

    def work(session: Session) -> Note:
        current = case_to_write(app, call.caller, case.id, session)
        if app.notes.count(case.id, session) >= MOST_NOTES:
            raise TOO_MANY_NOTES(most=MOST_NOTES)
        note = Note(
            id=app.new_id(),
            case_id=case.id,
            author_id=call.caller.id,
            written_at=app.clock.now(),
            text=command.text,
            sealed=command.sealed,
        )
        app.notes.add(session, note)
        record_change(app, call.caller, session, note, None, note.facts)
        record_news(app, session, call.caller, case, "note_added")
        if not note.sealed and note.author_id in current.adviser_ids:
            meet_first_answer(app, session, current)
        return note

    return app.keys.once(
        request, work, save=_kept, load=lambda kept: _as_it_is_now(app, call, case.id, kept)
    )


def change_note(app: App, call: Call, command: ChangeNote) -> Note:
    """Say it otherwise: the author alone may.

    Raises:
        errors.Unauthenticated, errors.NotFound, errors.Forbidden: as of :func:`add_note`, and for
            others than the author.
        errors.Stale: it is not at the expected version any more.
    """

    def change(note: Note) -> Note:
        if note.author_id != call.caller.id:
            raise errors.Forbidden()
        return note.rewritten(command.text)

    return _change(app, call, command, change, action="change")


def seal_note(app: App, call: Call, command: VersionOfNote) -> Note:
    """Have only the people of the case read a note; the case stays as it is.

    Raises:
        errors.Unauthenticated, errors.NotFound, errors.Forbidden: as of :func:`add_note`.
        errors.Stale: it is not at the expected version any more.
    """
    return _change(app, call, command, lambda note: note.sealed_as(True), action="seal")


def unseal_note(app: App, call: Call, command: VersionOfNote) -> Note:
    """Have everybody read a note who sees the case: the author alone may.

    Raises:
        errors.Unauthenticated, errors.NotFound, errors.Forbidden, errors.Stale: as of
            :func:`change_note`.
    """

    def unseal(note: Note) -> Note:
        if note.author_id != call.caller.id:
            raise errors.Forbidden()
        return note.sealed_as(False)

    return _change(app, call, command, unseal, action="unseal")


def comment_on_note(app: App, call: Call, command: CommentOnNote) -> Note:
    """Say something about a note; the same key says it once.

    Raises:
        errors.Unauthenticated, errors.NotFound, errors.Forbidden: as of :func:`add_note`.
        errors.Conflict: ``consultations.too_many_comments``.
    """
    case = case_to_write(app, call.caller, command.case_id)
    request = Request.of(call, "consultations.comment_on_note", asdict(command))

    def work(session: Session) -> Note:
        case_to_write(app, call.caller, case.id, session)
        before = app.notes.get_of_case(command.id, case.id, insider=True, session=session)
        if len(before.comments) >= MOST_COMMENTS:
            raise TOO_MANY_COMMENTS(most=MOST_COMMENTS)
        comment = Comment(app.new_id(), call.caller.id, app.clock.now(), command.text)
        after = before.commented(comment)
        _save(app, call, session, before, after, action="comment")
        record_news(app, session, call.caller, case, "note_commented")
        return after

    return app.keys.once(
        request, work, save=_kept, load=lambda kept: _as_it_is_now(app, call, case.id, kept)
    )


def _change(
    app: App,
    call: Call,
    command: VersionOfNote,
    change: Callable[[Note], Note],
    *,
    action: str,
) -> Note:
    def work(session: Session) -> Note:
        case = case_to_write(app, call.caller, command.case_id, session)
        before = app.notes.get_of_case(command.id, case.id, insider=True, session=session)
        if before.version != command.expected_version:
            raise errors.Stale()
        after = change(before)
        if after is before:
            return before
        _save(app, call, session, before, after, action=action)
        if after.sealed is not before.sealed:
            app.attachments.seal_of_note(session, after.id, sealed=after.sealed)
        return after

    return app.database.transact(work)


def _save(
    app: App, call: Call, session: Session, before: Note, after: Note, *, action: str
) -> None:
    app.notes.save(session, after, before.version)
    record_change(app, call.caller, session, after, before.facts, after.facts, action=action)


def _kept(note: Note) -> Document:
    return {"id": note.id}


def _as_it_is_now(app: App, call: Call, case_id: str, kept: Document) -> Note:
    return get_note(app, call, OfNote(case_id, kept["id"]))
