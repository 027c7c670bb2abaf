"""Fields of the contracts as JSON Schema: what apispec cannot know of our own kinds of fields.

A closed set of words, and a text in each language, become types with a name, which requests and
answers share: a generator makes one type of each.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from apispec.ext.marshmallow.openapi import OpenAPIConverter
from marshmallow import fields, validate

from gateway.web import text_patterns
from services.common.contracts.bookings.closures import Reason
from services.common.contracts.fields import Choice, Instant, LocalisedText, Named, Printable
from services.common.contracts.hours import Day, Intervals, WeeklyHours
from services.common.languages import LANGUAGES

VERSION = "3.1.0"
#: Marks a schema that is to be a component of this name; never in the finished document.
_NAMED = "x-named"
_NOTHING: Mapping[str, Any] = MappingProxyType({})
_NAMES = {"ar": "قاعة التدريب", "en": "Training room"}
# What stays beside a reference: it is said of the member, not of the type.
_OF_THE_MEMBER = ("description", "default", "readOnly")


def _own_fields(
    _self: Any, field: fields.Field[Any], ret: Mapping[str, Any] = _NOTHING, **_: Any
) -> dict[str, Any]:
    # The years in words: as a pattern beside a format they would make sense to no generator of
    # requests, which makes up any year and throws nearly all away.
    said = ret.get("description", "")
    if isinstance(field, Instant):
        return {
            "type": ["string", "null"] if field.allow_none else "string",
            "format": "date-time",
            "description": f"{said} From {field.years[0]} to {field.years[1]}.".strip(),
            "examples": ["2026-11-24T09:00:00Z"],
        }
    if isinstance(field, Day):
        return {
            "type": "string",
            "format": "date",
            "description": f"{said} From 2000 to 2200.".strip(),
            "examples": ["2026-11-24"],
        }
    if isinstance(field, Reason):
        forms = [property_of(field.plain), property_of(field.localised)]
        return {"oneOf": [*forms, {"type": "null"}] if field.allow_none else forms}
    if isinstance(field, Intervals):
        return {"examples": [[["09:00", "13:00"], ["14:00", "17:00"]]]}
    if isinstance(field, WeeklyHours):
        return {"examples": [{"sunday": [["09:00", "13:00"], ["14:00", "17:00"]]}]}
    return {}


def _named_types(_self: Any, field: fields.Field[Any], **_: Any) -> dict[str, Any]:
    if isinstance(field, Choice):
        return {_NAMED: type(field).__name__}
    if isinstance(field, LocalisedText):
        assert field.value_field is not None
        each = property_of(field.value_field)
        suffix = "Lines" if field.lines else "Text"
        return {
            _NAMED: f"Localised{suffix}" + (str(field.limit) if field.limit != 200 else ""),
            "properties": {language: dict(each) for language in LANGUAGES},
            "required": ["ar"],
            "additionalProperties": False,
            "examples": [_NAMES],
        }
    return {}


def _names_of_members(_self: Any, field: fields.Field[Any], **_: Any) -> dict[str, Any]:
    """Which members an object with free names may have: the rules of the dictionary's keys."""
    keys = getattr(field, "key_field", None)
    if isinstance(field, LocalisedText):
        return {}
    for check in keys.validators if keys is not None else ():
        if isinstance(check, validate.OneOf):
            return {"propertyNames": {"enum": list(check.choices)}}
        if isinstance(check, validate.Regexp):
            return {"propertyNames": {"pattern": check.regex.pattern}}
    return {}


def _texts(_self: Any, field: fields.Field[Any], **_: Any) -> dict[str, Any]:
    for check in field.validators:
        if isinstance(check, Named):
            return {"pattern": text_patterns.NAME}
    for check in field.validators:
        if isinstance(check, Printable) and not check.blank:
            return {"pattern": text_patterns.LINES if check.lines else text_patterns.LINE}
    return {}


FUNCTIONS = (_own_fields, _named_types, _names_of_members, _texts)


@cache
def _converter() -> OpenAPIConverter:
    converter = OpenAPIConverter(VERSION, lambda schema: schema.__name__, None)  # type: ignore[arg-type]
    for function in FUNCTIONS:
        converter.add_attribute_function(function)  # type: ignore[no-untyped-call]
    return converter


def property_of(field: fields.Field[Any]) -> dict[str, Any]:
    """The schema of one field, which nests no others."""
    return dict(_converter().field2property(field))


# -- the finished document --------------------------------------------------------------------


def finished(value: Any, components: dict[str, Any]) -> Any:
    """The value with references in place of named types, which are put among the components, and
    with regular expressions as ECMA-262, which JSON Schema uses, writes them."""
    if isinstance(value, list | tuple):
        return [finished(each, components) for each in value]
    if not isinstance(value, dict):
        return value
    found = {
        name: _ecma(each)
        if name == "pattern" and isinstance(each, str)
        else finished(each, components)
        for name, each in value.items()
    }
    members = found.get("properties")
    for member in members.values() if isinstance(members, dict) else ():
        _say_default(member)
    name = found.pop(_NAMED, None)
    if name is None and isinstance(found.get("enum"), list) and len(found["enum"]) == 1:
        found["const"] = found.pop("enum")[0]
    return found if name is None else _referred(name, found, components)


def _say_default(member: Any) -> None:
    """The value of a member that is left out, in words: a generator takes a member with a default
    for one that is always there, which it need not be in a request."""
    if not isinstance(member, dict) or "default" not in member:
        return
    value = member.pop("default")
    if value is not None:
        said = f"`{json.dumps(value, ensure_ascii=False)}` when left out."
        member["description"] = f"{member.get('description', '')} {said}".strip()


def _referred(name: str, schema: dict[str, Any], components: dict[str, Any]) -> dict[str, Any]:
    """A reference to a named type, with what is said of this member beside it."""
    beside = {key: schema.pop(key) for key in _OF_THE_MEMBER if key in schema}
    kind = schema["type"]
    nullable = isinstance(kind, list)
    if nullable:
        schema["type"] = next(each for each in kind if each != "null")
    if "enum" in schema:
        schema["enum"] = [each for each in schema["enum"] if each is not None]
    if components.setdefault(name, schema) != schema:
        raise ValueError(f"Two types are named {name}: give one of the fields another class.")
    reference = {"$ref": f"#/components/schemas/{name}"}
    if nullable:
        return {"anyOf": [reference, {"type": "null"}], **beside}
    return {**reference, **beside}


def _ecma(pattern: str) -> str:
    return re.sub(r"\\Z", "$", re.sub(r"\\A", "^", pattern))
