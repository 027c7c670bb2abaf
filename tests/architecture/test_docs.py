"""The documents say what is true: the generated ones are fresh, and what the rest names exists."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from docs import generate
from tests.architecture.project import (
    DEPLOYABLES,
    ROOT,
    SERVICES,
    Deployable,
    shown,
    sources,
    tracked,
)

# `path/to/file.py:Class.method` names a piece of code; the test finds it there.
CODE = re.compile(r"`([\w./-]+\.py):([\w.]+)`")
# A role such as :func: with a whole dotted name does the same in a docstring.
ROLE = re.compile(r":[a-z]+:`~?((?:services|gateway|deploy)(?:\.\w+)+)`")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)

FOLDERS = [*(each.folder for each in DEPLOYABLES), ROOT / "services" / "common"]
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


def test_every_piece_of_code_that_a_docstring_names_exists() -> None:
    missing = [
        f"{source.name}: {name}"
        for source in sources("services", "gateway", "deploy", "tests", "docs")
        for name in ROLE.findall(source.text)
        if not is_defined(name)
    ]
    assert not missing, f"these do not exist (any more): {missing}"


def is_defined(name: str) -> bool:
    """Whether a dotted name is that of a module, or of something in one."""
    parts = name.split(".")
    for end in range(len(parts), 0, -1):
        place = ROOT.joinpath(*parts[:end])
        for path in (place.with_name(f"{place.name}.py"), place / "__init__.py"):
            if path.is_file():
                rest = ".".join(parts[end:])
                return not rest or rest in set(symbols(path))
    return False


def test_that_check_knows_what_is_defined() -> None:
    assert is_defined("services.common.errors")
    assert is_defined("services.common.messaging.rpc.RpcConsumer.refuse")
    assert not is_defined("services.common.errors.NoSuchError")
    assert not is_defined("services.nowhere")


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


def test_every_page_is_reached_from_the_index() -> None:
    """By a link of the index, or of a folder's README that the index links to."""
    index = generate.FOLDER / "index.md"
    reached = linked(index)
    reached |= {page for each in reached if each.name == "README.md" for page in linked(each)}
    pages = {path for path in generate.FOLDER.rglob("*.md") if path != index}
    missing = sorted(shown(path) for path in pages - reached)
    assert not missing, f"docs/index.md does not lead to {missing}"


def linked(page: Path) -> set[Path]:
    return {(page.parent / target).resolve() for target in LINK.findall(prose(page))}


@pytest.mark.parametrize("folder", FOLDERS, ids=shown)
def test_a_readme_names_each_setting(folder: Path) -> None:
    readme = (folder / "README.md").read_text("utf-8")
    missing = [
        name
        for path in sorted(folder.rglob("*.py"))
        for name in re.findall(r"env\.\w+\(\"([A-Z_]+)\"", path.read_text("utf-8"))
        if name not in readme
    ]
    assert not missing, f"describe {missing} in {shown(folder)}/README.md"


@pytest.mark.parametrize("service", SERVICES, ids=str)
def test_a_readme_names_each_rpc_method(service: Deployable) -> None:
    one = service.folder / "service.py"
    files = [one] if one.is_file() else sorted((service.folder / "service").glob("*.py"))
    methods = [
        node.name
        for path in files
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef)
        and any(isinstance(each, ast.Name) and each.id == "rpc" for each in node.decorator_list)
    ]
    assert methods, f"{service} has no RPC method"
    readme = (service.folder / "README.md").read_text("utf-8")
    missing = [name for name in methods if f"`{name}`" not in readme]
    assert not missing, f"describe {missing} in {shown(service.folder)}/README.md"


def test_the_runbook_explains_each_measure() -> None:
    runbook = (ROOT / "docs" / "runbook.md").read_text("utf-8")
    measures = {
        name
        for source in sources("services", "gateway")
        for name in re.findall(r"\"(masaha_[a-z_]+)\"", source.text)
    }
    missing = sorted(name for name in measures if name not in runbook)
    assert not missing, f"say in docs/runbook.md what {missing} mean and what to do"
