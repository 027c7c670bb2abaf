"""Event types and state types: a name, a version, a schema, and what the fact means; and whose
contracts there are."""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any

from marshmallow import Schema, ValidationError

from services.common import contracts

_STATE = ".details"
_NAME = re.compile(r"\A[a-z]+(\.[a-z_]+){2}\Z")


class ContractBroken(Exception):
    """Our own code was about to publish data that its contract does not allow: a defect."""


@dataclass(frozen=True, slots=True)
class EventType:
    """One kind of fact.

    Attributes:
        name: ``<publisher>.<aggregate>.<past participle>``; also the routing key.
        version: of the schema; a compatible change (a new optional field) raises it, a breaking one
            gets a new name.
        schema: of ``data``, in wire form.
        meaning: one sentence for subscribers.
    """

    name: str
    version: int
    schema: type[Schema]
    meaning: str

    def __post_init__(self) -> None:
        if not _NAME.match(self.name):
            raise ValueError(f"{self.name!r} is not publisher.aggregate.fact")

    @property
    def publisher(self) -> str:
        return self.name.partition(".")[0]

    @property
    def aggregate(self) -> str:
        """The kind of aggregate the fact is about, such as ``booking``."""
        return self.name.split(".")[1]

    @property
    def dataschema(self) -> str:
        return f"/schemas/{self.name}/{self.version}"

    def check(self, data: Mapping[str, Any]) -> None:
        """Hold the data against the contract.

        Raises:
            ContractBroken: naming the fields.
        """
        try:
            _instance(self.schema).load(dict(data))
        except ValidationError as error:
            raise ContractBroken(f"{self.name}: {error.messages}") from error


@dataclass(frozen=True, slots=True)
class StateType(EventType):
    """Personal details that travel as state: the newest takes the place of what was before, and
    none of it is kept in a log.

    Its name ends in ``.details``. Its schema derives from
    :class:`services.common.contracts.fields.StateData`.
    """

    def __post_init__(self) -> None:
        # Not super(): a dataclass with slots is another class than the one that is named here.
        EventType.__post_init__(self)
        if not is_state(self.name):
            raise ValueError(f"{self.name!r} does not end in {_STATE}")


def is_state(name: str) -> bool:
    """Whether a message of this type is a state rather than an event."""
    return name.endswith(_STATE)


@cache
def _instance(schema: type[Schema]) -> Schema:
    """One instance a schema: making one costs more than using it."""
    return schema()


def owners(kind: str) -> tuple[str, ...]:
    """Who has contracts of a kind, by name: ``events``, ``rpc``, ``errors`` or ``problems``."""
    return tuple(
        package.name
        for package in sorted(pkgutil.iter_modules(contracts.__path__), key=lambda each: each.name)
        if package.ispkg and find_spec(f"{contracts.__name__}.{package.name}.{kind}") is not None
    )


def contracts_of(kind: str) -> tuple[ModuleType, ...]:
    """The contracts of a kind, in the order of :func:`owners`."""
    return tuple(import_module(f"{contracts.__name__}.{owner}.{kind}") for owner in owners(kind))


def event_types(module: ModuleType) -> tuple[EventType, ...]:
    """Every event type that a contracts module declares, in its order."""
    return tuple(value for value in vars(module).values() if isinstance(value, EventType))


def by_name(types: Iterable[EventType]) -> dict[str, EventType]:
    """The types by name.

    Raises:
        ValueError: if two share a name.
    """
    found: dict[str, EventType] = {}
    for event_type in types:
        if event_type.name in found:
            raise ValueError(f"two contracts are named {event_type.name}")
        found[event_type.name] = event_type
    return found
