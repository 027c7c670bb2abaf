"""Which changes of a published event's schema its subscribers survive.

The rule (``docs/adr/0009-a-published-schema-never-changes.md``): a schema that is published under a
version never changes; a later version may add optional fields and nothing else. What breaks is a
new event type, and both are sent for a while.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

JsonSchema = Mapping[str, Any]

# Words for readers; they promise nothing.
_DESCRIPTIVE = frozenset({"$id", "$schema", "$comment", "title", "description", "examples"})


def breaches(old: JsonSchema, new: JsonSchema, at: str = "") -> list[str]:
    """What a subscriber who knows the old schema would stumble over, one sentence each."""
    found: list[str] = []
    before, after = old.get("properties", {}), new.get("properties", {})
    required_before, required = set(old.get("required", ())), set(new.get("required", ()))
    for name in before:
        pointer = f"{at}/{name}"
        if name not in after:
            found.append(f"{pointer} was removed")
        elif name in required_before and name not in required:
            found.append(f"{pointer} was always there and is optional now")
        else:
            found += _changed(before[name], after[name], pointer)
    found += [
        f"{at}/{name} is required, but earlier events lack it"
        for name in sorted(required - required_before)
    ]
    rest = {"properties", "required"} | _DESCRIPTIVE
    for keyword in sorted((set(old) | set(new)) - rest):
        if structure(old.get(keyword)) != structure(new.get(keyword)):
            found.append(f"{at or '/'}: {keyword} was {old.get(keyword)}, is {new.get(keyword)}")
    return found


def _changed(old: JsonSchema, new: JsonSchema, pointer: str) -> list[str]:
    if structure(old) == structure(new):
        return []
    if old.get("type") != new.get("type"):
        return [f"{pointer} was {old.get('type')} and is {new.get('type')}"]
    if "properties" in old and "properties" in new:
        return breaches(old, new, pointer)
    return [f"{pointer} has other limits than before"]


def structure(value: Any) -> Any:
    """The part of a schema that promises something."""
    if isinstance(value, Mapping):
        return {
            key: structure(below)
            if key != "properties"
            else {name: structure(field) for name, field in below.items()}
            for key, below in value.items()
            if key not in _DESCRIPTIVE
        }
    return value


def problems(
    published: Mapping[str, Mapping[int, JsonSchema]], now: Iterable[tuple[str, int, JsonSchema]]
) -> list[str]:
    """The differences between the present contracts and the published ones that break them.

    Args:
        published: event type → version → schema.
        now: event type, version and schema of every contract.

    Returns:
        One sentence for each problem, which says what to do instead; empty when all is well.
    """
    found: list[str] = []
    contracts = {name: (version, schema) for name, version, schema in now}
    for name in published:
        if name not in contracts:
            found.append(
                f"{name} is published and has no contract any more. Send it until no subscriber "
                f"needs it; then remove docs/schemas/{name}/ too and say so in CHANGELOG.md."
            )
    for name, (version, schema) in contracts.items():
        versions = published.get(name)
        if not versions:
            if version != 1:
                found.append(f"{name} is new and begins with version 1, not {version}.")
            continue
        latest = max(versions)
        if version not in {latest, latest + 1}:
            found.append(f"{name} is published as {latest}; its contract cannot be {version}.")
            continue
        broken = breaches(versions[latest], schema)
        if broken:
            found.append(
                f"{name}: {'; '.join(broken)}. Subscribers rely on it: declare a new event type "
                "and send both for a while."
            )
        elif version == latest and structure(versions[latest]) != structure(schema):
            found.append(
                f"{name} has new optional fields: raise its version to {latest + 1} and run "
                "make docs."
            )
    return found
