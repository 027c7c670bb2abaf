"""Working documents: an organisation's structure (who answers to whom) and its work schedule (who
does what by when), edition by edition.

They belong to the organisation, not to a case or a person: they are what goes on when people leave.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar

from services.common.contracts.consultations.action_plans_errors import EDITIONS_USED_UP
from services.common.contracts.consultations.working_documents_errors import (
    DOCUMENT_ARCHIVED,
    SCHEDULE_TOO_LONG,
    STARTS_AFTER_DUE,
    STRUCTURE_CIRCLE,
    UNKNOWN_ROLE,
)
from services.common.errors import FieldError

MOST_EDITIONS = 500
MOST_YEARS = 5


class DocumentKind(StrEnum):
    STRUCTURE = "structure"
    WORK_SCHEDULE = "work_schedule"


class EntryStatus(StrEnum):
    PLANNED = "planned"
    UNDER_WAY = "under_way"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Holder:
    """The person who has a role or a task.

    Attributes:
        name: as the organisation calls the person; ``None`` once it is erased.
        person_id: of an account, where the person has one.
    """

    name: str | None
    person_id: str | None = None


@dataclass(frozen=True, slots=True)
class Role:
    """A role of a structure.

    Attributes:
        reports_to: the id of the role that it answers to; ``None`` at the top.
        holder: ``None`` where nobody has it.
    """

    id: str
    title: str
    reports_to: str | None = None
    holder: Holder | None = None
    duties: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A task of a work schedule.

    Attributes:
        responsible: the role, or the group, that does it.
        starts_on, due_on: its first and its last day.
    """

    id: str
    task: str
    responsible: str
    starts_on: date
    due_on: date
    status: EntryStatus = EntryStatus.PLANNED
    holder: Holder | None = None


@dataclass(frozen=True, slots=True)
class DocumentContent:
    """What a document says: the roles of a structure, or the entries of a schedule."""

    title: str
    roles: tuple[Role, ...] = ()
    entries: tuple[Entry, ...] = ()

    def without_person(self, person_id: str) -> DocumentContent:
        """The content without the name of a person whose account its rows name."""
        return replace(
            self,
            roles=tuple(replace(e, holder=_unnamed(e.holder, person_id)) for e in self.roles),
            entries=tuple(replace(e, holder=_unnamed(e.holder, person_id)) for e in self.entries),
        )

    @property
    def rows(self) -> tuple[Role | Entry, ...]:
        """Its roles and entries."""
        return (*self.roles, *self.entries)

    @property
    def row_ids(self) -> frozenset[str]:
        """The ids of its roles and entries."""
        return frozenset(each.id for each in self.rows)


def _unnamed(holder: Holder | None, person_id: str) -> Holder | None:
    named = holder is not None and holder.person_id == person_id
    return Holder(None, person_id) if named else holder


@dataclass(frozen=True, slots=True)
class DocumentEdition:
    """One edition of a document.

    Attributes:
        number: from 1.
        of: the number of the earlier edition that it brings back, if it does.
    """

    number: int
    content: DocumentContent
    made_by: str
    made_at: datetime
    reason: str | None = None
    of: int | None = None


@dataclass(frozen=True, slots=True)
class WorkingDocument:
    """A working document of an organisation.

    Attributes:
        language: in which it is written; it decides the direction of its picture.
        current: the newest edition.
    """

    kind: ClassVar[str] = "working_document"

    id: str
    organisation_id: str
    what: DocumentKind
    language: str
    current: DocumentEdition
    made_at: datetime
    template_id: str | None = None
    archived: bool = False
    version: int = 1

    def changed(
        self,
        content: DocumentContent,
        by: str,
        now: datetime,
        *,
        reason: str | None = None,
        of: int | None = None,
    ) -> WorkingDocument:
        """The document with one more edition; itself where nothing differs.

        Raises:
            errors.Conflict: ``consultations.document_archived``,
                ``consultations.editions_used_up``.
        """
        self.check_open()
        if content == self.current.content:
            return self
        if self.current.number >= MOST_EDITIONS:
            raise EDITIONS_USED_UP(most=MOST_EDITIONS)
        edition = DocumentEdition(self.current.number + 1, content, by, now, reason, of)
        return replace(self, current=edition, version=self.version + 1)

    def without_person(self, person_id: str) -> WorkingDocument:
        """The same edition without the name of a person; the document itself where it has none."""
        content = self.current.content.without_person(person_id)
        if content == self.current.content:
            return self
        edition = replace(self.current, content=content)
        return replace(self, current=edition, version=self.version + 1)

    def filed(self, archived: bool) -> WorkingDocument:
        """The document in the archive, or out of it; itself where it is there."""
        if archived == self.archived:
            return self
        return replace(self, archived=archived, version=self.version + 1)

    def check_open(self) -> None:
        """Raises:
        errors.Conflict: ``consultations.document_archived``.
        """
        if self.archived:
            raise DOCUMENT_ARCHIVED()

    @property
    def facts(self) -> dict[str, Any]:
        """What a history says of it, in wire form; what an edition says, the editions have."""
        return {
            "title": self.current.content.title,
            "edition": self.current.number,
            "archived": self.archived,
        }


@dataclass(frozen=True, slots=True)
class Comment:
    """What a person says of a document.

    Attributes:
        text: ``None`` once it is erased.
        row_id: the role or the entry that it is about; ``None`` for all of it.
        edition: the one that the person has read.
    """

    kind: ClassVar[str] = "document_comment"

    id: str
    document_id: str
    edition: int
    by: str
    at: datetime
    text: str | None
    row_id: str | None = None
    version: int = 1


# -- rules -----------------------------------------------------------------------------------------


def check_structure(roles: Sequence[Role]) -> None:
    """Check that every role answers to a role of the structure, and none to itself.

    Raises:
        errors.Invalid: ``consultations.unknown_role``, ``consultations.structure_circle``, naming
            the first role at fault.
    """
    above = {each.id: each.reports_to for each in roles}
    for number, role in enumerate(roles):
        pointer = f"/roles/{number}/reports_to"
        if role.reports_to is not None and role.reports_to not in above:
            raise UNKNOWN_ROLE(errors=[FieldError(pointer, UNKNOWN_ROLE.code)])
    for number, role in enumerate(roles):
        seen = {role.id}
        superior = role.reports_to
        while superior is not None and superior not in seen:
            seen.add(superior)
            superior = above[superior]
        if superior == role.id:
            pointer = f"/roles/{number}/reports_to"
            raise STRUCTURE_CIRCLE(errors=[FieldError(pointer, STRUCTURE_CIRCLE.code)])


def check_schedule(entries: Sequence[Entry], today: date) -> None:
    """Check that each task ends after it begins, and that a picture can hold all of them with the
    present.

    Raises:
        errors.Invalid: ``consultations.starts_after_due``, ``consultations.schedule_too_long``,
            naming the first entry at fault.
    """
    for number, entry in enumerate(entries):
        if entry.starts_on > entry.due_on:
            pointer = f"/entries/{number}/starts_on"
            raise STARTS_AFTER_DUE(errors=[FieldError(pointer, STARTS_AFTER_DUE.code)])
    first = min((each.starts_on for each in entries), default=today)
    for number, entry in enumerate(entries):
        if (entry.due_on - min(first, today)).days > MOST_YEARS * 366:
            pointer = f"/entries/{number}/due_on"
            raise SCHEDULE_TOO_LONG(
                years=MOST_YEARS, errors=[FieldError(pointer, SCHEDULE_TOO_LONG.code)]
            )


# -- templates -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TemplateRole:
    """A role of a template, in every language."""

    id: str
    title: Mapping[str, str]
    reports_to: str | None = None
    duties: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TemplateEntry:
    """A task of a template, in every language.

    Attributes:
        after_days: from the first day of the schedule to the day on which it begins.
        days: how long it takes, its first and its last day included.
    """

    id: str
    task: Mapping[str, str]
    responsible: Mapping[str, str]
    after_days: int
    days: int


@dataclass(frozen=True, slots=True)
class DocumentTemplate:
    """What a document may begin with.

    Attributes:
        id: a short readable name, such as ``small-association``.
    """

    kind: ClassVar[str] = "document_template"

    id: str
    what: DocumentKind
    name: Mapping[str, str]
    summary: Mapping[str, str]
    roles: tuple[TemplateRole, ...] = ()
    entries: tuple[TemplateEntry, ...] = ()
    version: int = 1

    def content(self, title: str, language: str, starts_on: date) -> DocumentContent:
        """What a document of this template says at first.

        Args:
            language: one that every template has.
            starts_on: the first day of a schedule.
        """
        roles = tuple(
            Role(each.id, each.title[language], each.reports_to, None, each.duties.get(language))
            for each in self.roles
        )
        entries = tuple(_dated(each, language, starts_on) for each in self.entries)
        return DocumentContent(title, roles, entries)


def _dated(entry: TemplateEntry, language: str, first: date) -> Entry:
    starts_on = first + timedelta(days=entry.after_days)
    return Entry(
        id=entry.id,
        task=entry.task[language],
        responsible=entry.responsible[language],
        starts_on=starts_on,
        due_on=starts_on + timedelta(days=entry.days - 1),
    )
