"""Examples of requests, answers and problem documents, made from their schemas.

A member's example is its own, if its field has one; else the one that fits its name; else null, if
it may be that; else the simplest value that its schema allows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.web import problems

_ID = "019ab8f2-6d80-7c4e-9a51-3f0c2d6e8f11"
_BY_NAME: Mapping[str, Any] = {
    "body": "حجزكم مؤكد.",
    "booked_by": "member",
    "bookings_left": 1,
    "capacity": 30,
    "centre_id": "raqqa",
    "code": "bookings.space_taken",
    "changes": {"title": {"from": "لقاء", "to": "لقاء التخطيط"}},
    "created_at": "2026-11-20T08:30:00Z",
    "ends_at": "2026-11-24T11:00:00Z",
    "equipment_id": "raqqa-projector",
    "expires_in": 900,
    "hours_left": 2.5,
    "id": _ID,
    "now_ends_at": "2026-11-24T11:00:00Z",
    "now_space_id": "raqqa-training-room",
    "organisation_id": "euphrates-development",
    "people": 12,
    "person_id": "member",
    "pointer": "/starts_at",
    "rrule": "FREQ=WEEKLY;COUNT=8",
    "space_id": "raqqa-training-room",
    "space_ids": ["raqqa-training-room"],
    "starts_at": "2026-11-24T09:00:00Z",
    "time_zone": "Asia/Damascus",
    "title": "لقاء التخطيط",
    "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
    "updated_at": "2026-11-20T08:30:00Z",
}
_TYPES: Mapping[type, set[str]] = {
    str: {"string"},
    int: {"integer", "number"},
    float: {"number"},
    list: {"array"},
    dict: {"object"},
}
_BY_FORMAT: Mapping[str, str] = {
    "date-time": "2026-11-24T09:00:00Z",
    "date": "2026-11-24",
    "email": "member@masaha.example",
    "uri-reference": "/problems/invalid",
}


def add(document: dict[str, Any]) -> None:
    """Put an example beside each JSON body, and into the schema of each problem."""
    components = document["components"]["schemas"]
    for path in document["paths"].values():
        for operation in path.values():
            if not isinstance(operation, dict):
                continue
            bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
            for body in bodies:
                content = body.get("content", {}).get("application/json")
                if content is not None and "example" not in content:
                    content["example"] = example_of(content["schema"], components)
    for name, schema in components.items():
        if name.endswith("Problem"):
            schema["examples"] = [_problem(schema, components)]


def _problem(schema: Mapping[str, Any], components: Mapping[str, Any]) -> dict[str, Any]:
    example: dict[str, Any] = example_of(schema, components)
    code = example["code"]
    example["type"] = f"/problems/{code}"
    example["title"] = problems.texts.text(f"{code}.title", "en")
    example["detail"] = problems.texts.text(f"{code}.detail", "en", example)
    if example["status"] not in {400, 422}:
        example.pop("errors", None)
    return example


def example_of(  # noqa: PLR0911 - one line for each way in which a schema says what it allows
    schema: Mapping[str, Any], components: Mapping[str, Any], name: str = ""
) -> Any:
    """A value that the schema allows.

    Args:
        schema: JSON Schema as the document has it.
        components: what its references lead to.
        name: of the member that it is the schema of.
    """
    schema = _followed(schema, components)
    for given in ("const", "example"):
        if given in schema:
            return schema[given]
    known = _BY_NAME.get(name)
    if known is not None and _is_of_type(known, schema, components):
        return known
    if _may_be_null(schema):
        return None
    if "examples" in schema:
        return schema["examples"][0]
    if "enum" in schema:
        return "confirmed" if "confirmed" in schema["enum"] else schema["enum"][0]
    choices = schema.get("oneOf") or schema.get("anyOf")
    if choices:
        return example_of(choices[0], components, name)
    kind = schema.get("type", "object" if "properties" in schema else None)
    if kind == "object":
        members = schema.get("properties", {})
        return {each: example_of(part, components, each) for each, part in members.items()}
    if kind == "array":
        item = example_of(schema.get("items", {}), components, name)
        return [item] * max(1, schema.get("minItems", 1))
    return _simple(kind, schema, name)


def _followed(schema: Mapping[str, Any], components: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in schema:
        schema = components[schema["$ref"].rpartition("/")[2]]
    return schema


def _is_of_type(value: Any, schema: Mapping[str, Any], components: Mapping[str, Any]) -> bool:
    """Whether a value has the type of a schema: a title is one text here, and a text in each
    language there."""
    schema = _followed(schema, components)
    choices = schema.get("anyOf") or schema.get("oneOf")
    if choices:
        return any(_is_of_type(value, each, components) for each in choices)
    if "enum" in schema:
        return value in schema["enum"]
    types = schema.get("type", ())
    named = {types} if isinstance(types, str) else set(types)
    return not named or bool(named & _TYPES[type(value)])


def _may_be_null(schema: Mapping[str, Any]) -> bool:
    kind = schema.get("type")
    choices = [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
    return (isinstance(kind, list) and "null" in kind) or {"type": "null"} in choices


def _simple(kind: str | None, schema: Mapping[str, Any], name: str) -> Any:
    if kind in {"integer", "number"}:
        return max(1, schema.get("minimum", 1))
    if kind == "boolean":
        return schema.get("default", False)
    if kind != "string":
        return None
    if "format" in schema:
        return _BY_FORMAT[schema["format"]]
    return _ID if name.endswith("_id") or name in {"parts", "token"} else name or "text"
