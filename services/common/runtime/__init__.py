"""How a deployable's processes run: ``from services.common.runtime import main``."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Sequence
from typing import Any

USAGE = """\
usage: python -m {package} service      RPC and events (nameko)
       python -m {package} worker       relay, deadlines, outgoing sends (threads)
       python -m {package} check        say whether the settings can be worked with
       python -m {package} seed PATH    write the first data found in the folder PATH; idempotent
       python -m {package} audit        recompute every rule from what is stored; say what differs
       python -m {package} rebuild      make what comes from the logs of all branches anew
       python -m {package} migrate      change what is stored as this release has it; again is safe
       python -m {package} republish    send the personal details again that it publishes as states
"""

#: The exit code of a process that cannot work with its settings, with what is installed, or with
#: what is stored (EX_CONFIG of sysexits.h).
WRONG_SETTING = 78
_MIGRATIONS = "services.common.storage.migrations"
_LOOK_SECONDS = 1.0


def main(package: str, arguments: Sequence[str] | None = None) -> None:
    """Run one of a deployable's commands, and end the process with its exit code.

    Args:
        package: such as ``services.bookings``; it has ``service.SERVICE``, ``worker.build``,
            ``app.check_settings``, and in ``app.DISCREET``, if it has that, whether its logs say
            nothing of values; ``seeding.seed``, if it has first data; and
            ``commands.republish``, if it publishes states; ``commands.audit``, if it has rules to
            recompute, which gives the lines of what differs; ``commands.rebuild``, if it keeps
            what the logs of all branches say, which gives the lines of what it made;
            ``migrations.MIGRATIONS``, if a release has changed what is stored.
        arguments: those of the command line by default.
    """
    try:
        code = _do(package, list(sys.argv[1:] if arguments is None else arguments))
    except Exception as error:
        # Loaded only now: patching comes before everything else.
        if not isinstance(error, importlib.import_module(_MIGRATIONS).UnknownData):
            raise
        sys.stderr.write(f"{error}\n")
        code = WRONG_SETTING
    sys.exit(code)


def _do(package: str, arguments: list[str]) -> int:
    match arguments:
        case ["service"]:
            importlib.import_module("services.common.runtime.patching").patch()
            code = _run(package, "service")
        case ["worker"]:
            code = _run(package, "worker")
        case ["seed", path]:
            code = _seed(package, path)
        case ["check"]:
            code = 0 if _settings_are_right(package) else WRONG_SETTING
        case ["migrate"]:
            code = _migrate(package)
        case ["republish"]:
            code = _republish(package)
        case ["audit"]:
            code = _audit(package)
        case ["rebuild"]:
            code = _rebuild(package)
        case _:
            sys.stderr.write(USAGE.format(package=package))
            code = 2
    return code


def _versions_are_known(command: str) -> bool:
    """Check the libraries whose internals a process overrides; write to standard error."""
    internals = importlib.import_module("services.common.internals")
    try:
        internals.check_versions(internals.SERVICE if command == "service" else internals.BROKER)
    except internals.UnknownVersion as error:
        sys.stderr.write(f"{error}\n")
        return False
    return True


def _settings_are_right(package: str) -> bool:
    """Check all settings, and write what is wrong to standard error, in one sentence."""
    config = importlib.import_module("services.common.config")
    try:
        importlib.import_module(f"{package}.app").check_settings()
    except config.WrongSetting as error:
        sys.stderr.write(f"{error}\n")
        return False
    return True


def _configure(package: str, command: str) -> Any:
    """Read the settings and set up logging; loaded here, because patching comes first."""
    settings = importlib.import_module("services.common.config").load()
    logs = importlib.import_module("services.common.logs")
    discreet = getattr(importlib.import_module(f"{package}.app"), "DISCREET", False)
    logs.configure(settings, f"{package.rsplit('.', 1)[-1]}.{command}", discreet=discreet)
    return settings


def _run(package: str, command: str) -> int:
    if not (_versions_are_known(command) and _settings_are_right(package)):
        return WRONG_SETTING
    settings = _configure(package, command)
    _check_data(package, settings)
    spans = importlib.import_module("services.common.spans")
    try:
        spans.configure(f"{package.rsplit('.', 1)[-1]}-{command}")
    except importlib.import_module("services.common.config").WrongSetting as error:
        sys.stderr.write(f"{error}\n")
        return WRONG_SETTING
    runner = importlib.import_module(f"services.common.runtime.{command}")
    try:
        code: int = runner.run(package, settings)
    finally:
        spans.shut_down()
    return code


def _check_data(package: str, settings: Any) -> None:
    """Refuse data that this release does not know, before anything is started. A database that is
    away is asked again when the process has got it."""
    mongo = importlib.import_module("services.common.storage.mongo")
    database = mongo.connect(settings, package.rpartition(".")[2])
    try:
        with mongo.time_limit(_LOOK_SECONDS):
            importlib.import_module(_MIGRATIONS).check_data_version(database)
    except importlib.import_module("services.common.errors").Unavailable:
        pass
    finally:
        database.close()


def _seed(package: str, path: str) -> int:
    if not _settings_are_right(package):
        return WRONG_SETTING
    settings = _configure(package, "seed")
    importlib.import_module(f"{package}.seeding").seed(settings, path)
    return 0


def _audit(package: str) -> int:
    settings = _configure(package, "audit")
    commands = importlib.import_module(f"{package}.commands")
    away = importlib.import_module("services.common.errors").Unavailable
    try:
        differences: list[str] = commands.audit(settings)
    except away as error:
        sys.stderr.write(f"{error.detail}\n")
        return 1
    sys.stdout.writelines(f"{each}\n" for each in differences)
    sys.stdout.write(f"{len(differences)} differences.\n")
    return 1 if differences else 0


def _rebuild(package: str) -> int:
    settings = _configure(package, "rebuild")
    lines: list[str] = importlib.import_module(f"{package}.commands").rebuild(settings)
    sys.stdout.writelines(f"{each}\n" for each in lines)
    return 0


def _migrate(package: str) -> int:
    settings = _configure(package, "migrate")
    mongo = importlib.import_module("services.common.storage.mongo")
    migrations = importlib.import_module(_MIGRATIONS)
    known: Sequence[Any] = ()
    if importlib.util.find_spec(f"{package}.migrations") is not None:
        known = importlib.import_module(f"{package}.migrations").MIGRATIONS
    database = mongo.connect(settings, package.rpartition(".")[2])
    try:
        lines: list[str] = migrations.run_migrations(database, known)
    finally:
        database.close()
    sys.stdout.writelines(f"{each}\n" for each in lines)
    sys.stdout.write(f"{len(lines)} migrations ran.\n")
    return 0


def _republish(package: str) -> int:
    settings = _configure(package, "republish")
    count: int = importlib.import_module(f"{package}.commands").republish(settings)
    sys.stdout.write(f"{count} states are on their way.\n")
    return 0
