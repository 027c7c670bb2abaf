"""The documents say what is so: the generated ones are fresh, and what the rest names exists."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from docs import generate
from tests.architecture.project import DEPLOYABLES, ROOT, shown, tracked

# `path/to/file.py:Class.method` names a piece of code; the test finds it there.
CODE = re.compile(r"`([\w./-]+\.py):([\w.]+)`")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)

PAGES = sorted(
    {path for path in tracked() if path.suffix == ".md"} | set((ROOT / "docs").rglob("*.md"))
)


def prose(page: Path) -> str:
    """A page without its blocks of code."""
    return FENCE.sub("", page.read_text("utf-8"))


@pytest.mark.parametrize("name", sorted(generate.outputs()))
def test_generated_documents_are_up_to_date(name: str) -> None:
    path = generate.FOLDER / name
    assert path.exists(), f"docs/{name} is missing: run make docs"
    assert path.read_text("utf-8") == generate.outputs()[name], (
        f"docs/{name} is not what the code says: run make docs"
    )


def test_generating_twice_gives_the_same() -> None:
    assert generate.outputs() == generate.outputs()


@pytest.mark.parametrize("page", PAGES, ids=shown)
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    broken = [
        target
        for target in LINK.findall(prose(page))
        if not re.match(r"[a-z]+:|#", target)
        and not (page.parent / target.partition("#")[0]).exists()
    ]
    assert not broken, f"{shown(page)} links to {broken}, which do not exist"


@pytest.mark.parametrize("page", PAGES, ids=shown)
def test_every_piece_of_code_that_a_page_names_exists(page: Path) -> None:
    missing = [
        f"{name}:{symbol}"
        for name, symbol in CODE.findall(prose(page))
        if not (ROOT / name).is_file() or symbol not in set(symbols(ROOT / name))
    ]
    assert not missing, f"{shown(page)} names {missing}, which do not exist (any more)"


@pytest.mark.parametrize("page", PAGES, ids=shown)
def test_every_file_that_a_page_names_exists(page: Path) -> None:
    """Paths with a folder, in backquotes; what the running stack makes is not checked."""
    named = re.findall(r"`((?:[\w-]+/)+[\w.-]*)`", prose(page))
    tops = {path.name for path in ROOT.iterdir()} - {".local", ".venv"}
    missing = [
        name
        for name in named
        if name.split("/")[0] in tops
        and "://" not in name
        and not (ROOT / name).exists()
        and not (page.parent / name).exists()
    ]
    assert not missing, f"{shown(page)} names {missing}, which do not exist"


def symbols(path: Path) -> Iterator[str]:
    """Functions, classes, methods and module constants of a file, dotted."""
    for node in ast.parse(path.read_text("utf-8")).body:
        yield from _defined(node, "")


def _defined(node: ast.stmt, before: str) -> Iterator[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
        yield before + node.name
        if isinstance(node, ast.ClassDef):
            for below in node.body:
                yield from _defined(below, f"{before}{node.name}.")
    elif isinstance(node, ast.Assign):
        yield from (before + t.id for t in node.targets if isinstance(t, ast.Name))
    elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        yield before + node.target.id


def test_the_index_names_every_page() -> None:
    index = generate.FOLDER / "index.md"
    linked = {
        (index.parent / target).resolve() for target in LINK.findall(index.read_text("utf-8"))
    }
    pages = {path for path in generate.FOLDER.rglob("*.md") if path != index}
    missing = sorted(shown(path) for path in pages - linked)
    assert not missing, f"docs/index.md does not link to {missing}"


@pytest.mark.parametrize("deployable", DEPLOYABLES, ids=str)
def test_a_readme_names_each_setting_of_its_deployable(deployable: object) -> None:
    folder = deployable.folder  # type: ignore[attr-defined]
    readme = (folder / "README.md").read_text("utf-8") + (ROOT / "README.md").read_text("utf-8")
    missing = sorted(
        name
        for path in folder.rglob("*.py")
        for name in re.findall(r"env\.\w+\(\"([A-Z_]+)\"", path.read_text("utf-8"))
        if name not in readme
    )
    assert not missing, f"describe {missing} in {shown(folder)}/README.md"
