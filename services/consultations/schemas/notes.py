"""Notes of a case: commands in, wire form out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.common import clock
from services.common.contracts.consultations import notes as contract
from services.common.lists import after_id, by_id, page_to_wire
from services.consultations.domain.notes import Comment, Note
from services.consultations.schemas import Request

_list_notes = contract.ListNotes()
_of_note = contract.OfNote()
_add_note = contract.AddNote()
_version_of_note = contract.VersionOfNote()
_change_note = contract.ChangeNote()
_comment_on_note = contract.CommentOnNote()


@dataclass(frozen=True, slots=True)
class ListNotes:
    case_id: str
    limit: int
    after: str | None


@dataclass(frozen=True, slots=True)
class OfNote:
    case_id: str
    id: str


@dataclass(frozen=True, slots=True)
class AddNote:
    case_id: str
    text: str
    sealed: bool


@dataclass(frozen=True, slots=True)
class VersionOfNote:
    case_id: str
    id: str
    expected_version: int


@dataclass(frozen=True, slots=True)
class ChangeNote(VersionOfNote):
    text: str


@dataclass(frozen=True, slots=True)
class CommentOnNote:
    case_id: str
    id: str
    text: str


def list_notes(request: Request) -> ListNotes:
    data = _list_notes.load(request)
    return ListNotes(data["case_id"], data["limit"], after_id(data["after"]))


def of_note(request: Request) -> OfNote:
    return OfNote(**_of_note.load(request))


def add_note(request: Request) -> AddNote:
    return AddNote(**_add_note.load(request))


def version_of_note(request: Request) -> VersionOfNote:
    return VersionOfNote(**_version_of_note.load(request))


def change_note(request: Request) -> ChangeNote:
    return ChangeNote(**_change_note.load(request))


def comment_on_note(request: Request) -> CommentOnNote:
    return CommentOnNote(**_comment_on_note.load(request))


def note(value: Note) -> dict[str, Any]:
    return {
        "id": value.id,
        "case_id": value.case_id,
        "author_id": value.author_id,
        "written_at": clock.to_wire(value.written_at),
        "text": value.text,
        "sealed": value.sealed,
        "comments": [_comment(each) for each in value.comments],
        "version": value.version,
    }


def _comment(value: Comment) -> dict[str, Any]:
    return {
        "id": value.id,
        "author_id": value.author_id,
        "written_at": clock.to_wire(value.written_at),
        "text": value.text,
    }


def note_page(values: Sequence[Note], limit: int) -> dict[str, Any]:
    return page_to_wire(values, limit, note, by_id)
