"""Instruments: commands in, wire form out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from services.common.contracts.consultations import instruments as contract
from services.common.lists import after_id, page_to_wire
from services.common.storage.mongo import Document
from services.consultations.domain.instrument_states import InstrumentStatus
from services.consultations.domain.instruments import (
    Band,
    Instrument,
    InstrumentDomain,
    Item,
    ItemLink,
    Name,
    Source,
)
from services.consultations.schemas import Request

_list_instruments = contract.ListInstruments()
_add_instrument = contract.AddInstrument()
_seeded_instrument = contract.SeededInstrument()
_change_instrument = contract.ChangeInstrument()
_move_instrument = contract.MoveInstrument()


@dataclass(frozen=True, slots=True)
class ListInstruments:
    family: str | None
    status: str | None
    limit: int
    after: str | None


@dataclass(frozen=True, slots=True)
class AddInstrument:
    family: str
    name: Name
    purpose: Name
    sources: tuple[Source, ...]
    bands: tuple[Band, ...]
    domains: tuple[InstrumentDomain, ...]
    earlier_id: str | None
    links: tuple[ItemLink, ...]


@dataclass(frozen=True, slots=True)
class ChangeInstrument:
    """``changes`` holds what was said: name, purpose, sources, bands, domains, links."""

    id: str
    expected_version: int
    changes: Mapping[str, Any]
    reason: str | None


@dataclass(frozen=True, slots=True)
class MoveInstrument:
    id: str
    expected_version: int


def list_instruments(request: Request) -> ListInstruments:
    data = _list_instruments.load(request)
    after = data.pop("after")
    return ListInstruments(**data, after=after_id(after))


def add_instrument(request: Request) -> AddInstrument:
    return AddInstrument(**_domain(_add_instrument.load(request)))


def change_instrument(request: Request) -> ChangeInstrument:
    data = _change_instrument.load(request)
    return ChangeInstrument(
        id=data.pop("id"),
        expected_version=data.pop("expected_version"),
        reason=data.pop("reason"),
        changes=_domain(data),
    )


def move_instrument(request: Request) -> MoveInstrument:
    return MoveInstrument(**_move_instrument.load(request))


def seeded_instrument(entry: Mapping[str, Any]) -> Instrument:
    """An edition of a seed file, published.

    Raises:
        marshmallow.ValidationError: naming each fault.
    """
    data = _domain(_seeded_instrument.load(entry))
    return Instrument(**data, status=InstrumentStatus.PUBLISHED)


_PARTS: Mapping[str, Any] = {"sources": Source, "bands": Band, "links": ItemLink}


def _domain(data: Mapping[str, Any]) -> dict[str, Any]:
    """What was said, as an instrument has it."""
    said = dict(data)
    for name, kind in _PARTS.items():
        if name in said:
            said[name] = tuple(kind(**each) for each in said[name])
    if "domains" in said:
        said["domains"] = tuple(_domain_of(each) for each in said["domains"])
    return said


def _domain_of(data: Mapping[str, Any]) -> InstrumentDomain:
    return InstrumentDomain(data["id"], data["name"], tuple(_item_of(i) for i in data["items"]))


def _item_of(data: Mapping[str, Any]) -> Item:
    parts = {name: tuple(data[name]) for name in ("anchors", "topics", "case_kinds")}
    return Item(**{**data, **parts})


def instrument(value: Instrument) -> dict[str, Any]:
    return {
        "id": value.id,
        "family": value.family,
        "edition": value.edition,
        "name": dict(value.name),
        "status": value.status.value,
        "purpose": dict(value.purpose),
        "sources": [asdict(each) for each in value.sources],
        "bands": [asdict(each) for each in value.bands],
        "domains": [
            {
                "id": each.id,
                "name": dict(each.name),
                "items": [_item_to_wire(item) for item in each.items],
            }
            for each in value.domains
        ],
        "earlier_id": value.earlier_id,
        "links": [asdict(each) for each in value.links],
        "version": value.version,
    }


def _item_to_wire(item: Item) -> dict[str, Any]:
    return {
        "id": item.id,
        "statement": dict(item.statement),
        "anchors": [dict(each) for each in item.anchors],
        "evidence": dict(item.evidence),
        "may_not_apply": item.may_not_apply,
        "topics": list(item.topics),
        "case_kinds": list(item.case_kinds),
    }


def instrument_page(documents: Sequence[Document], limit: int) -> dict[str, Any]:
    return page_to_wire(documents, limit, _summary, lambda each: [each["_id"]])


def _summary(document: Document) -> dict[str, Any]:
    names = ("family", "edition", "name", "status", "version")
    return {"id": document["_id"], **{name: document[name] for name in names}}
