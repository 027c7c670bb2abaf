"""Files of a case: commands in, wire form out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.common import clock
from services.common.contracts.consultations import attachments as contract
from services.consultations.domain.attachments import Attachment
from services.consultations.schemas import Request

_of_case = contract.OfCase()
_of_attachment = contract.OfAttachment()
_add_attachment = contract.AddAttachment()


@dataclass(frozen=True, slots=True)
class OfAttachment:
    case_id: str
    id: str


@dataclass(frozen=True, slots=True)
class AddAttachment:
    case_id: str
    name: str
    note_id: str | None
    content: bytes


def case_id_of(request: Request) -> str:
    case_id: str = _of_case.load(request)["case_id"]
    return case_id


def of_attachment(request: Request) -> OfAttachment:
    return OfAttachment(**_of_attachment.load(request))


def add_attachment(request: Request) -> AddAttachment:
    return AddAttachment(**_add_attachment.load(request))


def attachment(value: Attachment) -> dict[str, Any]:
    return {
        "id": value.id,
        "case_id": value.case_id,
        "note_id": value.note_id,
        "sealed": value.sealed,
        "name": value.name,
        "content_type": value.content_type,
        "size": value.size,
        "sha256": value.sha256,
        "added_by": value.added_by,
        "added_at": clock.to_wire(value.added_at),
        "version": value.version,
    }


def attachment_list(values: Sequence[Attachment]) -> dict[str, Any]:
    return {"items": [attachment(each) for each in values]}
