"""A library whose internals are overridden is listed with its version, and no other one is run."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version

import pytest

from gateway.server.internals import HTTP
from services.common.internals import SERVICE, Overridden, UnknownVersion, check_versions
from services.common.runtime import WRONG_SETTING
from tests.architecture.project import ROOT, Source, sources
from tests.support.ports import free_port

LISTED = tuple(dict.fromkeys((*SERVICE, *HTTP)))
#: Whose attributes and methods with an underscore are everybody's: documented, or our own.
PUBLIC = {"services", "gateway", "deploy", "marshmallow", *sys.stdlib_module_names}

# What runs as a library that has another version: the first argument is its name.
OTHER_VERSION = """
import importlib.metadata, sys
real, library = importlib.metadata.version, sys.argv.pop(1)
importlib.metadata.version = lambda name: "0.0" if name == library else real(name)
"""


def foreign_internals(source: Source) -> Iterator[str]:
    """What a module uses or replaces of a library's internals.

    A private attribute that nothing in the module defines; a name that it puts into a library's
    module; a private method, which nothing in the module calls, of a class that is a library's.
    """
    foreign = {name for name, home in homes(source).items() if home not in PUBLIC}
    standard = {name for name, home in homes(source).items() if home in PUBLIC}
    defined, used = set(definitions(source.tree)), set()
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute):
            used.add(node.attr)
            if private(node.attr) and node.attr not in defined and root(node) not in standard:
                yield ast.unparse(node)
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                # Flask's `g` is there to be written to.
                if not isinstance(target, ast.Name) and root(target) in foreign - {"g"}:
                    yield ast.unparse(target)
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ClassDef) and foreign & {root(base) for base in node.bases}:
            methods = {part.name for part in node.body if isinstance(part, ast.FunctionDef)}
            yield from (f"{node.name}.{each}" for each in methods - used if private(each))


def homes(source: Source) -> dict[str, str]:
    """Imported name → the package that it comes from."""
    found = {}
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                home = alias.name if isinstance(node, ast.Import) else node.module or ""
                found[alias.asname or alias.name.partition(".")[0]] = home.partition(".")[0]
    return found


def definitions(tree: ast.Module) -> Iterator[str]:
    """The names that a module defines: functions, variables, and attributes of its objects."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif (
            isinstance(node, ast.Attribute)
            and isinstance(node.ctx, ast.Store)
            and root(node) in {"self", "cls"}
        ):
            yield node.attr


def root(node: ast.expr) -> str:
    """The name that a dotted expression begins with, if it does."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def test_who_uses_internals_of_a_library_is_listed() -> None:
    listed = {module for part in LISTED for module in part.modules}
    found = {
        source.name: uses
        for source in sources("services", "gateway")
        if source.name not in listed and (uses := list(foreign_internals(source)))
    }
    assert not found, (
        f"{found}: list these modules in services/common/internals.py, or in "
        "gateway/server/internals.py, with the library and its version"
    )


@pytest.mark.parametrize(
    "text",
    [
        "transport._write = write",
        "import amqp\namqp.channel.loads = read",
        "from nameko import containers\nclass C(containers.C):\n    def _run(self): ...",
        "from nameko.rpc import Rpc\nclass C(Rpc):\n    def go(self): self._spawn()",
    ],
)
def test_each_use_is_seen(text: str) -> None:
    assert list(foreign_internals(Source("services/made/up.py", text)))


@pytest.mark.parametrize("part", LISTED, ids=lambda part: part.library)
def test_a_listed_version_is_the_locked_one_and_its_modules_exist(part: Overridden) -> None:
    locks = [(ROOT / "requirements" / f"{each}.txt").read_text() for each in ("base", "gateway")]
    found = {
        match[1]
        for lock in locks
        for match in re.finditer(rf"^{re.escape(part.library)}==(\S+)$", lock, re.MULTILINE)
    }
    assert found == {part.version}, (
        f"compare the internals of {part.library} {found} with those that {part.modules} rely on"
    )
    assert not [module for module in part.modules if not (ROOT / module).is_file()]


def test_another_version_is_refused_with_both_and_the_modules() -> None:
    part = Overridden("amqp", "1.0", ("services/common/messaging/headers.py",))
    with pytest.raises(UnknownVersion, match=rf"amqp {version('amqp')} .* 1\.0: services/common"):
        check_versions([part])


@pytest.mark.parametrize(
    ("library", "arguments"),
    [
        ("nameko", "from services.common.runtime import main; main('services.bookings')"),
        ("amqp", "from services.common.runtime import main; main('gateway')"),
    ],
)
def test_a_process_does_not_start_with_another_version(library: str, arguments: str) -> None:
    command = "service" if library == "nameko" else "worker"
    done = run(f"{OTHER_VERSION}\n{arguments}", library, command)
    assert done.returncode == WRONG_SETTING
    assert f"{library} 0.0 is installed" in done.stderr


def test_the_door_does_not_open_with_another_version() -> None:
    start = f"{OTHER_VERSION}\nfrom gunicorn.app.wsgiapp import run; run()"
    done = run(start, "gevent", "-c", "gateway/gunicorn.conf.py", "gateway.wsgi:app")
    assert done.returncode != 0
    assert "gevent 0.0 is installed" in done.stderr


def run(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        env={**os.environ, "GATEWAY_BIND": f"127.0.0.1:{free_port()}"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
