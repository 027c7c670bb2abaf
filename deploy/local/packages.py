"""System packages of Debian that the project needs, installed when missing and allowed.

Standard library only: `install.py` uses this before any virtual environment exists.
"""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from deploy.local.problems import StackError

_POLICY = Path("/usr/sbin/policy-rc.d")


def install(packages: list[str], reason: str, disable: tuple[str, ...] = ()) -> None:
    """Install Debian packages, without starting any service that they bring.

    `reason` completes the sentence "… is needed: ". `disable` names the systemd units that must not
    start at the next boot either: we want a package's programs, never a node of the system.
    Raises StackError, saying what to type, when we may not install or apt fails.
    """
    names = " ".join(packages)
    how = f"sudo apt-get update && sudo apt-get install --no-install-recommends {names}"
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise StackError(
            f"{reason}, and installing it needs the right to do so; ask for it with: {how}"
        )
    print(f"  installing {names} with apt-get (once) …", file=sys.stderr, flush=True)
    with _no_service_starts():
        _update_index_once()
        done = _apt("install", "--yes", "--no-install-recommends", *packages)
    if done.returncode != 0:
        raise StackError(
            f"{reason}, and apt-get could not install it; try: {how}",
            "\n".join((done.stdout + done.stderr).splitlines()[-12:]),
        )
    if disable and shutil.which("systemctl"):
        subprocess.run(["systemctl", "disable", *disable], capture_output=True, check=False)


def missing_libraries(program: Path) -> list[str]:
    """The shared libraries that a program asks for and this machine does not have."""
    listed = subprocess.run(["ldd", str(program)], capture_output=True, text=True, check=False)
    return [line.split()[0] for line in listed.stdout.splitlines() if "not found" in line]


@functools.cache
def _update_index_once() -> None:
    _apt("update")  # A failed update is no failure yet: the package may be in the old index.


def _apt(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    return subprocess.run(
        ["apt-get", "-q", *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


@contextlib.contextmanager
def _no_service_starts() -> Iterator[None]:
    """Debian's own way to install without starting: a policy that answers 101, "not allowed"."""
    if _POLICY.exists():
        yield  # The machine has a policy of its own (containers do); it stays as it is.
        return
    _POLICY.write_text("#!/bin/sh\nexit 101\n")
    _POLICY.chmod(0o755)
    try:
        yield
    finally:
        _POLICY.unlink(missing_ok=True)
