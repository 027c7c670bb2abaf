"""The contracts as JSON Schemas and as an AsyncAPI document.

apispec turns the marshmallow schemas into JSON Schema 2020-12 (the dialect of OpenAPI 3.1); here is
what it cannot know: our own fields, and Python's spelling of a pattern's ends.
"""

from __future__ import annotations

import json
import subprocess
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from apispec.ext.marshmallow.openapi import OpenAPIConverter
from marshmallow import fields

from services.common import contracts, csv
from services.common.contracts import files_errors, forms_errors, hours_errors
from services.common.contracts.fields import Instant, LocalisedFact
from services.common.contracts.registry import EventType, StateType, event_types, owners
from services.common.errors import COMMON_CODES, ErrorCode
from services.common.events.envelope import CONTENT_TYPE, CloudEvent
from services.common.messaging.topology import EVENTS, STATES, event_queue_name

Json = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
OWNERS = owners("errors")
"""The publishers, and the gateway, which publishes nothing."""


def module(owner: str, kind: str) -> ModuleType:
    """The contracts module of an owner: ``events``, ``rpc`` or ``errors``."""
    return import_module(f"{contracts.__name__}.{owner}.{kind}")


PUBLISHERS = owners("events")


def events_of(publisher: str) -> tuple[EventType, ...]:
    """The events of a publisher, in the order of its contract."""
    return event_types(module(publisher, "events"))


def all_events() -> tuple[EventType, ...]:
    """Every event type, by publisher."""
    return tuple(each for publisher in PUBLISHERS for each in events_of(publisher))


def error_codes() -> dict[str, tuple[ErrorCode, ...]]:
    """Every refusal by who may raise it."""
    own = {owner: module(owner, "errors").ALL for owner in OWNERS}
    return {
        "any part": COMMON_CODES,
        **own,
        "any branch with forms": forms_errors.ALL,
        "any branch with files": files_errors.ALL,
        "any branch with opening hours": hours_errors.ALL,
        "any part that reads CSV": csv.CODES,
    }


# -- JSON Schema ------------------------------------------------------------------------------


def _own_fields(_self: Any, field: fields.Field[Any], **_: Any) -> Json:
    if isinstance(field, Instant):
        kind = ["string", "null"] if field.allow_none else "string"
        return {"type": kind, "format": "date-time"}
    if isinstance(field, LocalisedFact):
        return {"required": ["ar"], "propertyNames": {"pattern": "^[a-z]{2,3}$"}}
    return {}


def _converter() -> OpenAPIConverter:
    converter = OpenAPIConverter("3.1.0", lambda _schema: None, None)  # type: ignore[arg-type]
    converter.add_attribute_function(_own_fields)  # type: ignore[no-untyped-call]
    return converter


_CONVERTER = _converter()


def data_schema(event_type: EventType) -> Json:
    """The JSON Schema of an event's data."""
    converted = _CONVERTER.schema2jsonschema(event_type.schema())  # type: ignore[no-untyped-call]
    schema = _portable(converted)
    return {
        "$schema": DIALECT,
        "$id": event_type.dataschema,
        "title": event_type.name,
        "description": event_type.meaning,
        **schema,
    }


def _portable(value: Any) -> Any:
    """Python's ``\\A…\\Z`` as the ``^…$`` of every other reader of JSON Schema."""
    if isinstance(value, dict):
        return {
            key: below.replace(r"\A", "^").replace(r"\Z", "$")
            if key == "pattern" and isinstance(below, str)
            else _portable(below)
            for key, below in value.items()
        }
    return [_portable(below) for below in value] if isinstance(value, list) else value


def published(folder: Path) -> dict[str, dict[int, Json]]:
    """The schemas in ``docs/schemas`` that a release holds: event type → version → schema."""
    found: dict[str, dict[int, Json]] = {}
    for path in sorted(released(folder)):
        found.setdefault(path.parent.name, {})[int(path.stem)] = json.loads(path.read_text("utf-8"))
    return found


def released(folder: Path) -> set[Path]:
    """The files of ``docs/schemas`` that are in a release, which is a tag ``v…`` in git."""
    return {
        folder / name
        for tag in _git(folder, "tag", "--list", "v*")
        for name in _git(folder, "ls-tree", "-r", "--name-only", tag, ".")
    }


def _git(folder: Path, *arguments: str) -> list[str]:
    command = ["git", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603
    return done.stdout.split()


# -- AsyncAPI ---------------------------------------------------------------------------------

ENVELOPE: Json = {
    "title": "CloudEvent",
    "description": (CloudEvent.__doc__ or "").strip().splitlines()[0],
    "type": "object",
    "required": [
        "specversion",
        "id",
        "source",
        "type",
        "subject",
        "time",
        "datacontenttype",
        "dataschema",
        "aggregateversion",
        "actorkind",
        "data",
    ],
    "properties": {
        "specversion": {"const": "1.0"},
        "id": {
            "type": "string",
            "format": "uuid",
            "description": "UUIDv7; the same event has the same id however often it arrives.",
        },
        "source": {"type": "string", "description": "/masaha/<publisher>"},
        "type": {"type": "string", "description": "The event type; also the routing key."},
        "subject": {"type": "string", "description": "Id of the aggregate."},
        "time": {"type": "string", "format": "date-time", "description": "When it was decided."},
        "datacontenttype": {"const": "application/json"},
        "dataschema": {"type": "string", "description": "Path of the schema of data."},
        "aggregateversion": {
            "type": "integer",
            "description": (
                "The version of the aggregate that this event made; it rises, mostly by one."
            ),
        },
        "actorkind": {
            "enum": ["person", "service", "system", "visitor"],
            "description": "What kind of caller caused it; never who.",
        },
        "sequence": {
            "type": "string",
            "pattern": "^[1-9][0-9]*$",
            "description": (
                "Place among all events of the publisher, from 1, without gaps. A state has "
                "none: no log keeps it."
            ),
        },
        "traceparent": {"type": "string", "description": "W3C Trace Context of the request."},
        "data": {"type": "object"},
    },
}


def asyncapi(version: str) -> Json:
    """The AsyncAPI 3.0 document of everything that is published.

    Args:
        version: of the project.
    """
    types = all_events()
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Masaha: events",
            "version": version,
            "description": (
                "CloudEvents 1.0 in structured JSON on one durable topic exchange. A subscriber "
                f"declares a quorum queue of its own ({event_queue_name('<consumer>')}) and binds "
                "it to the types it wants. Any event may arrive twice: its id says so. What else a "
                "subscriber must bear is in docs/subscribing.md."
            ),
        },
        "defaultContentType": CONTENT_TYPE,
        "channels": {each.name: _channel(each) for each in types},
        "operations": {
            f"send.{each.name}": {
                "action": "send",
                "channel": {"$ref": f"#/channels/{each.name}"},
                "summary": each.meaning,
                "messages": [{"$ref": f"#/channels/{each.name}/messages/event"}],
            }
            for each in types
        },
        "components": {
            "messages": {each.name: _message(each) for each in types},
            "schemas": {
                "CloudEvent": ENVELOPE,
                **{each.name: data_schema(each) for each in types},
            },
        },
    }


def _channel(event_type: EventType) -> Json:
    exchange = STATES if isinstance(event_type, StateType) else EVENTS
    return {
        "address": event_type.name,
        "messages": {"event": {"$ref": f"#/components/messages/{event_type.name}"}},
        "bindings": {
            "amqp": {
                "is": "routingKey",
                "exchange": {
                    "name": exchange.name,
                    "type": exchange.type,
                    "durable": exchange.durable,
                    "autoDelete": exchange.auto_delete,
                },
                "bindingVersion": "0.3.0",
            }
        },
    }


def _message(event_type: EventType) -> Json:
    return {
        "name": event_type.name,
        "title": event_type.name,
        "summary": event_type.meaning,
        "contentType": CONTENT_TYPE,
        "payload": {
            "allOf": [
                {"$ref": "#/components/schemas/CloudEvent"},
                {
                    "type": "object",
                    "properties": {
                        "source": {"const": f"/masaha/{event_type.publisher}"},
                        "type": {"const": event_type.name},
                        "dataschema": {"const": event_type.dataschema},
                        "data": {"$ref": f"#/components/schemas/{event_type.name}"},
                    },
                },
            ]
        },
    }
