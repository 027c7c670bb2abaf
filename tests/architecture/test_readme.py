"""What README and CONTRIBUTING tell people to type works: the targets and files are there."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.architecture.project import ROOT

PAGES = ("README.md", "CONTRIBUTING.md")
# A command on its line or in backquotes; "make sure" in a sentence is neither.
COMMAND = re.compile(r"(?:^\s*(?:\$ )?|`)make ([a-z][a-z-]*)", re.MULTILINE)
MODULE = re.compile(r"(?:\.venv/bin/)?python -m ([a-z][\w.]+)")


def targets() -> set[str]:
    text = (ROOT / "Makefile").read_text("utf-8")
    return set(re.findall(r"^([a-z][a-z-]*):", text, re.MULTILINE))


@pytest.mark.parametrize("page", PAGES)
def test_every_make_target_named_exists(page: str) -> None:
    named = set(COMMAND.findall((ROOT / page).read_text("utf-8")))
    assert named, f"{page} names no make target"
    assert not named - targets(), f"{page} names {named - targets()}, which the Makefile lacks"


@pytest.mark.parametrize("page", [*PAGES, "docs/runbook.md"])
def test_every_python_module_named_exists(page: str) -> None:
    for name in MODULE.findall((ROOT / page).read_text("utf-8")):
        path = ROOT.joinpath(*name.split("."))
        if not (ROOT / name.split(".")[0]).is_dir():
            continue  # a tool, such as pytest
        assert path.with_suffix(".py").is_file() or (path / "__main__.py").is_file(), (
            f"{page} says python -m {name}, which cannot be run"
        )


def test_the_two_commands_come_first() -> None:
    named = COMMAND.findall((ROOT / "README.md").read_text("utf-8"))
    assert named[:2] == ["demo", "test"]


def test_every_target_has_a_line_of_help() -> None:
    listed = subprocess.run(
        ["make", "--no-print-directory", "help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    helped = set(re.findall(r"make ([a-z-]+)", listed.stdout))
    assert not targets() - helped, f"add '## what it does' to {targets() - helped} in the Makefile"
