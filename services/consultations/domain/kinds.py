"""Kinds of consultations: what an organisation asks for, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, ClassVar

Name = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Speciality:
    """A field that an adviser knows well.

    Attributes:
        id: short readable name, such as ``statutes``.
        topics: of trainings that teach the same.
    """

    id: str
    name: Name
    topics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TimeLimits:
    """How long a case may take, in minutes of the centre's working time.

    Attributes:
        first_answer_minutes: until an adviser answers first.
        resolution_minutes: until the support is done.
        warning_minutes: how long before each limit its warning comes.
    """

    first_answer_minutes: int
    resolution_minutes: int
    warning_minutes: int


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of consultation.

    Attributes:
        id: short readable name, such as ``legal``.
        form_id: of the form that is filled in with a request.
        specialities: those that a request may name; an adviser of the kind has one of them.
        sealed: whether its cases are invisible to all who are not on them, from their first event.
        spans_breaks: whether a visit may go on over an adviser's break.
        retired: whether no new case can be opened.
        form_edition: the newest edition of its form.
    """

    kind: ClassVar[str] = "consultation_kind"

    id: str
    name: Name
    form_id: str
    specialities: tuple[Speciality, ...]
    limits: TimeLimits
    sealed: bool = False
    spans_breaks: bool = False
    retired: bool = False
    form_edition: int = 1
    version: int = 1

    @property
    def facts(self) -> dict[str, Any]:
        """What its history speaks of, in wire form."""
        return {
            "name": dict(self.name),
            "specialities": [
                {"id": each.id, "name": dict(each.name), "topics": list(each.topics)}
                for each in self.specialities
            ],
            "limits": asdict(self.limits),
            "spans_breaks": self.spans_breaks,
            "retired": self.retired,
            "form_edition": self.form_edition,
        }

    def changed(self, **changes: Any) -> Kind:
        """The kind one version further."""
        return replace(self, version=self.version + 1, **changes)

    def has_speciality(self, speciality_id: str) -> bool:
        """Whether a case of this kind may name the speciality."""
        return any(each.id == speciality_id for each in self.specialities)
