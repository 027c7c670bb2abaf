"""Every deployable has the same files, and files stay small enough to hold in the head."""

from __future__ import annotations

import ast
import importlib
import random
from pathlib import Path
from unittest.mock import MagicMock

import pytest

from deploy import broker
from deploy.local import processes, settings
from gateway.app import BRANCHES
from tests.architecture.project import (
    DEPLOYABLES,
    ROOT,
    SERVICES,
    Deployable,
    Source,
    shown,
    sources,
)
from tests.faults import injuries

LONGEST = 450

# What a reader finds in every deployable; a module may be a package of the same name.
COMMON_FILES = ("__main__.py", "app.py", "worker.py", "README.md")
COMMON_MODULES = ("store", "schemas")
COMMON_FOLDERS = ("domain", "operations")
# Where the gateway, which is a door with a service inside, has them.
OF_THE_GATEWAY = {
    "store": "identity/store",
    "schemas": "web/schemas",
    "domain": "identity/domain",
    "operations": "identity/operations",
}


def is_there(folder: Path, module: str) -> bool:
    return (folder / f"{module}.py").is_file() or (folder / module / "__init__.py").is_file()


@pytest.mark.parametrize("deployable", DEPLOYABLES, ids=str)
def test_the_same_file_names_everywhere(deployable: Deployable) -> None:
    folder = deployable.folder
    modules = COMMON_MODULES if deployable.over_http else (*COMMON_MODULES, "service")
    places = OF_THE_GATEWAY if deployable.over_http else {}
    found = {name: places.get(name, name) for name in (*modules, *COMMON_FOLDERS)}
    missing = [
        *(name for name in COMMON_FILES if not (folder / name).is_file()),
        *(f"{found[name]}.py" for name in modules if not is_there(folder, found[name])),
        *(
            f"{found[name]}/"
            for name in COMMON_FOLDERS
            if not (folder / found[name] / "__init__.py").is_file()
        ),
    ]
    assert not missing, (
        f"{deployable} lacks {', '.join(missing)}. A reader looks for the same concept in the same "
        "file of every deployable: see CONTRIBUTING.md, 'Where things are'."
    )


@pytest.mark.parametrize("service", SERVICES, ids=str)
def test_rpc_methods_stand_in_the_file_of_their_resource(service: Deployable) -> None:
    of_methods = {path.stem for path in (service.folder / "service").glob("*.py")}
    resources = {path.stem for path in (service.folder / "schemas").glob("*.py")}
    strange = sorted(of_methods - resources - {"methods"})
    assert not strange, (
        f"{service}: {strange} of service/ have no file of that name in schemas/. "
        "A resource has one name in service/, schemas/ and operations/."
    )


@pytest.mark.parametrize("service", SERVICES, ids=str)
def test_each_kind_of_deadline_has_its_handler(service: Deployable) -> None:
    kinds: set[str] = set()
    if (service.folder / "domain" / "deadlines.py").is_file():
        kinds |= set(importlib.import_module(f"{service.package}.domain.deadlines").DeadlineKind)
    handlers = importlib.import_module(f"{service.package}.deadlines").handlers(MagicMock())
    missing, strange = sorted(kinds - set(handlers)), sorted(set(handlers) - kinds)
    assert not missing, f"{service}: deadlines.py says nothing of {missing}"
    assert not strange, f"{service}: {strange} are no DeadlineKind of domain/deadlines.py"


@pytest.mark.parametrize("deployable", DEPLOYABLES, ids=str)
def test_what_a_deployable_publishes_is_a_contract(deployable: Deployable) -> None:
    folder = ROOT / "services" / "common" / "contracts" / deployable.publisher
    missing = [name for name in ("events.py", "errors.py") if not (folder / name).is_file()]
    if not deployable.over_http and not (folder / "rpc.py").is_file():
        missing.append("rpc.py")
    assert not missing, f"{shown(folder)} lacks {', '.join(missing)}"


def test_every_service_runs_on_the_local_stack_and_is_hurt_by_the_fault_tests(
    tmp_path: Path,
) -> None:
    tables = {
        "deploy/local/processes.py": {
            process.name for process in processes.table(settings.load(tmp_path, {}))
        },
        "tests/faults/injuries.py": {
            injury.process for injury in injuries.one_round(random.Random(), full=True)
        },
    }
    wanted = {f"{each.folder.name}-{kind}" for each in SERVICES for kind in ("service", "worker")}
    missing = {table: wanted - names for table, names in tables.items() if wanted - names}
    assert not missing, f"add the processes of the new service: {missing}"


def test_every_service_is_a_branch_of_the_gateway() -> None:
    missing = {service.folder.name for service in SERVICES} - set(BRANCHES)
    assert not missing, f"{sorted(missing)} lack a contract rpc.py: the gateway asks who has one"


def test_every_service_is_a_user_of_the_broker() -> None:
    names = {service.folder.name for service in SERVICES}
    missing = names - broker.SERVICES.keys()
    assert not missing, f"add {sorted(missing)} to SERVICES of deploy/broker.py"


def opens_a_transaction(source: Source) -> list[str]:
    """Calls by which a step would open a transaction of its own."""
    return [
        f"{source.name}:{line} {name}()"
        for line, name in source.calls()
        if name.endswith((".transact", ".keys.once"))
    ]


def test_a_step_opens_no_transaction() -> None:
    steps = [each for each in sources("services", "gateway") if "steps" in each.parts]
    assert steps
    found = [each for source in steps for each in opens_a_transaction(source)]
    assert not found, (
        f"{found}: a step writes by the session of the use case that calls it. What opens a "
        "transaction is a use case; it stands in operations/."
    )


def test_a_step_that_opens_one_is_found() -> None:
    planted = Source("services/x/steps/y.py", "def f(app):\n    app.database.transact(work)\n")
    assert opens_a_transaction(planted)


def test_no_file_outgrows_its_reader() -> None:
    long = {
        source.name: lines
        for source in sources("services", "gateway")
        if (lines := len(source.text.splitlines())) > LONGEST
    }
    assert not long, (
        f"longer than {LONGEST} lines: {long}. Split along the domain's own words, as "
        "services/bookings/store/ is split by aggregate."
    )


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        source.name
        for source in sources("services", "gateway")
        if not ast.get_docstring(source.tree)
    ]
    assert not silent, f"begin these with a docstring that says what they are for: {silent}"


def test_every_package_is_a_package() -> None:
    """Without ``__init__.py`` a folder is not seen by the import rules."""
    folders = {(ROOT / source.name).parent for source in sources("services", "gateway")}
    bare = sorted(shown(each) for each in folders if not (each / "__init__.py").is_file())
    assert not bare, f"add __init__.py, with a docstring, to {bare}"


def misplaced(name: str) -> bool:
    """Whether a test is in a folder that is named for no part of the code."""
    if not name.startswith(("tests/unit/", "tests/integration/")) or "/test_" not in name:
        return False
    folders = Path(name).parent.parts[2:]
    if folders and folders[0] == "support":
        return False
    roots = (ROOT / "services", ROOT)
    return not folders or not any(root.joinpath(*folders).is_dir() for root in roots)


def test_tests_stand_in_folders_that_mirror_the_code() -> None:
    found = [source.name for source in sources("tests") if misplaced(source.name)]
    assert not found, (
        f"{found}: a test of services/bookings/ stands in tests/unit/bookings/ or "
        "tests/integration/bookings/, and so for each part of the code."
    )
    bare = sorted(
        {
            shown(folder)
            for kind in ("unit", "integration")
            for path in (ROOT / "tests" / kind).rglob("test_*.py")
            if not ((folder := path.parent) / "__init__.py").is_file()
        }
    )
    assert not bare, f"add __init__.py to {bare}: files of one name stand in several folders"


@pytest.mark.parametrize(
    "name",
    ["unit/test_a.py", "integration/booking/test_a.py", "unit/common/clocks/test_a.py"],
)
def test_a_test_that_stands_elsewhere_is_found(name: str) -> None:
    assert misplaced(f"tests/{name}")
    assert not misplaced("tests/unit/common/time/test_a.py")
    assert not misplaced("tests/e2e/test_a.py")
