"""What a publisher promises it also does: each event is published, and each code raised."""

from __future__ import annotations

import ast
import re

import pytest

from tests.architecture.project import DEPLOYABLES, Deployable, Source, shown, sources


def defined(source: Source, kind: str) -> list[str]:
    """The constants of a contract that are made by calling ``kind``."""
    return [
        node.targets[0].id
        for node in source.tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Call)
        and isinstance(node.value.func, ast.Name)
        and node.value.func.id == kind
    ]


def unused(constants: list[str], code: list[Source]) -> list[str]:
    """Those that no code names."""
    words = {word for source in code for word in re.findall(r"\b[A-Z][A-Z0-9_]+\b", source.text)}
    return [each for each in constants if each not in words]


@pytest.mark.parametrize(("module", "kind"), [("events", "EventType"), ("errors", "ErrorCode")])
@pytest.mark.parametrize("deployable", DEPLOYABLES, ids=str)
def test_what_is_promised_is_done(deployable: Deployable, module: str, kind: str) -> None:
    folders = [shown(folder) for folder in deployable.contracts]
    contract = [each for each in sources(*folders) if each.name.endswith(f"{module}.py")]
    assert contract
    constants = [name for source in contract for name in defined(source, kind)]
    missing = unused(constants, sources("/".join(deployable.package.split("."))))
    assert not missing, (
        f"{deployable} promises {missing} in its contract, and none of its code names them. Tell "
        "or raise them where the thing happens, or take them out of the contract."
    )


def test_that_check_sees_a_breach() -> None:
    contract = Source("events.py", 'HELD = EventType("a", 1)\nLEFT = EventType("b", 1)\nMOST = 3\n')
    constants = defined(contract, "EventType")
    assert constants == ["HELD", "LEFT"]
    assert unused(constants, [Source("operations.py", "record(events.HELD)")]) == ["LEFT"]
