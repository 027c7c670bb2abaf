"""``python -m deploy.setup settings FILE | broker FILE | database | certificate FOLDER NAME |
kubernetes FILE | backup data|case-keys FOLDER | restore data|case-keys FOLDER [--replace]``

============  =====================================================================================
settings      writes the settings of the compose file with new secrets; what is there stays
broker        writes what RabbitMQ imports at its start: exchanges, users and their rights
database      makes the replica set and the users; run beside the database, as often as you like
certificate   writes a self-signed certificate where there is none; a real one takes its place
kubernetes    prints the cluster's secrets, made from the file that ``settings`` wrote
backup        writes a new folder with all databases, or with the keys of cases, as of one moment
restore       puts such a folder back; nothing of the system may run meanwhile
============  =====================================================================================

Each may run any number of times. Exit codes: 0 done, 1 not possible (one sentence on standard
error), 2 wrong usage, 78 a setting is missing.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path

from deploy.setup.problems import MissingSetting, SetupError

WRONG_SETTING = 78


def main(arguments: Sequence[str]) -> int:
    """Run one command; returns its exit code."""
    match list(arguments):
        case ["settings", file]:
            work = _command("settings", "write_settings", Path(file))
        case ["broker", file]:
            work = _command("broker", "write_definitions", Path(file), os.environ)
        case ["database"]:
            work = _command("database", "prepare_database", os.environ)
        case ["certificate", folder, name]:
            work = _command("certificate", "write_certificate", Path(folder), name)
        case ["kubernetes", file]:
            work = _command("kubernetes", "print_secrets", Path(file))
        case ["backup", "data" | "case-keys" as content, folder]:
            work = _command("backup", "back_up", content, Path(folder), os.environ)
        case ["restore", "data" | "case-keys" as content, folder, *options] if set(options) <= {
            "--replace"
        }:
            replace = bool(options)
            work = _command("restore", "restore", content, Path(folder), os.environ, replace)
        case _:
            sys.stderr.write(f"{__doc__}\n")
            return 2
    try:
        print(work())
    except MissingSetting as missing:
        sys.stderr.write(f"{missing}\n")
        return WRONG_SETTING
    except SetupError as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    return 0


def _command(module: str, function: str, *arguments: object) -> Callable[[], str]:
    # Each loads only what it needs: `settings` works before anything is installed.
    return lambda: getattr(import_module(f"deploy.setup.{module}"), function)(*arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
