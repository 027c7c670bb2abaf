"""What there is to check: the deployables, the files, what each file imports and calls."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = "common"


@dataclass(frozen=True)
class Deployable:
    """Something that runs as a process of its own.

    Attributes:
        package: ``services.bookings`` or ``gateway``.
        over_http: served by gunicorn instead of nameko; then it has no ``service.py``.
        publishes_as: the publisher of its events, if that is not the folder's name.
    """

    package: str
    over_http: bool = False
    publishes_as: str = ""

    @property
    def folder(self) -> Path:
        return ROOT.joinpath(*self.package.split("."))

    @property
    def publisher(self) -> str:
        return self.publishes_as or self.folder.name

    @property
    def contracts(self) -> tuple[Path, ...]:
        """The folders of its contracts: the publisher's, and that of its own name."""
        names = dict.fromkeys((self.publisher, self.folder.name))
        folders = (ROOT / "services" / LIBRARY / "contracts" / name for name in names)
        return tuple(folder for folder in folders if folder.is_dir())

    def __str__(self) -> str:
        return self.package


SERVICES = tuple(
    Deployable(f"services.{folder.name}")
    for folder in sorted((ROOT / "services").iterdir())
    if (folder / "__init__.py").exists() and folder.name != LIBRARY
)
DEPLOYABLES = (*SERVICES, Deployable("gateway", over_http=True, publishes_as="identity"))


@dataclass(frozen=True)
class Source:
    """A Python file as the checks see it; they make one up to show that they see a breach.

    Attributes:
        name: path below the project's root, with ``/``.
    """

    name: str
    text: str

    @property
    def parts(self) -> tuple[str, ...]:
        return PurePosixPath(self.name).with_suffix("").parts

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, filename=self.name)

    def imports(self) -> Iterator[tuple[int, str]]:
        """Every name imported, fully dotted, with its line; those for types only too."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)

    def calls(self) -> Iterator[tuple[int, str]]:
        """Every dotted name called, with its line."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call) and (name := _dotted(node.func)):
                yield node.lineno, name


def sources(*folders: str) -> list[Source]:
    """Every Python file below these folders of the project, in a stable order."""
    return [
        Source(shown(path), path.read_text("utf-8"))
        for folder in folders
        for path in sorted((ROOT / folder).rglob("*.py"))
        if "__pycache__" not in path.parts
    ]


def shown(path: Path) -> str:
    """A path as a person at the project's root writes it."""
    return path.relative_to(ROOT).as_posix()


def _dotted(node: ast.expr) -> str:
    """``datetime.now`` for the expression that says so; empty for what is no dotted name."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = _dotted(node.value)
        return f"{before}.{node.attr}" if before else ""
    return ""


@cache
def tracked() -> tuple[Path, ...]:
    """The files that belong to the project: git's, or all below the root without git."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode == 0:
        names = [name for name in listed.stdout.split("\0") if name]
        return tuple(path for name in names if (path := ROOT / name).is_file())
    hidden = {".git", ".venv", ".local", "__pycache__"}
    return tuple(
        path
        for path in sorted(ROOT.rglob("*"))
        if path.is_file() and not hidden & set(path.relative_to(ROOT).parts)
    )
