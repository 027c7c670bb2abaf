"""Creates `.venv` from the locked requirement files, when it is not up to date.

    python3 deploy/local/install.py [local|dev]

`local` is what the stack needs to run, `dev` adds the tests and tools. Standard library only: it
runs before anything is installed. `python -m venv` and `pip install -r` alone would not notice an
environment that was copied, or has lost files or its Python; they give up when a connection breaks
off, and show nothing or hundreds of lines meanwhile.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from deploy.local import packages  # noqa: E402 - needs the path above: nothing is installed yet
from deploy.local.output import survive_a_closed_pipe  # noqa: E402
from deploy.local.problems import StackError  # noqa: E402

VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "installed.json"
OLDEST = (3, 11)
_TRIES = 3
_LOOK = """
import sys
from importlib import metadata
for package in metadata.distributions():
    for file in package.files or ():
        if file.suffix in (".py", ".so") and not file.locate().exists():
            sys.exit(f"{file} is missing")
"""
_NAMED = re.compile(r"(?:Collecting|Requirement already satisfied:) (\S+)")


def main(arguments: list[str]) -> int:
    """Command line; the exit code is 0 when the environment is up to date."""
    survive_a_closed_pipe()
    name = arguments[0] if arguments else "dev"
    try:
        if not up_to_date(name):
            install(name)
    except StackError as problem:
        print(f"✗ {problem.sentence}", file=sys.stderr)
        if problem.details:
            print(problem.details, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\n✗ Stopped; run it again to go on.", file=sys.stderr)
        return 130
    return 0


def up_to_date(name: str) -> bool:
    """Whether exactly these locked files, or the wider `dev` set, were installed and are whole."""
    done = _installed()
    return any(done.get(wider) == _digest(wider) for wider in {name, "dev"}) and _whole()


def _installed() -> dict[str, str]:
    """The digests of the locked files that were installed."""
    try:
        found = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _whole() -> bool:
    """Whether the environment's Python runs, and every file of its packages is there."""
    return PYTHON.exists() and _run(str(PYTHON), "-c", _LOOK).returncode == 0


def install(name: str) -> None:
    """Create the environment if need be, and install one locked file into it, showing progress."""
    locked = _locked(name)
    total = sum(1 for line in locked.read_text().splitlines() if "==" in line)
    print(f"Installing {total} locked packages into .venv (requirements/{name}.txt) …", flush=True)
    begun = time.monotonic()
    _create_environment()
    done = _installed()
    STAMP.unlink(missing_ok=True)  # An install that breaks off must not look finished.
    for attempt in range(1, _TRIES + 1):
        code, tail = _pip_install(locked, total)
        if code == 0:
            break
        if attempt == _TRIES:
            raise StackError(
                f"The packages of requirements/{name}.txt could not be installed.", tail
            )
        print(f"  … that failed (attempt {attempt} of {_TRIES}), trying again", flush=True)
        time.sleep(attempt)
    STAMP.write_text(json.dumps(done | {name: _digest(name)}), encoding="utf-8")
    print(f"  ✓ packages installed in {time.monotonic() - begun:.0f} s", flush=True)


def _create_environment() -> None:
    if _whole():
        return
    # A package has lost files, or its Python is gone: an upgrade of the system's.
    shutil.rmtree(VENV, ignore_errors=True)
    python = _python()
    if _run(python, "-c", "import ensurepip").returncode != 0:
        packages.install(["python3-venv"], "Python's venv module is missing")
    made = _run(python, "-m", "venv", str(VENV))
    if made.returncode != 0:
        shutil.rmtree(VENV, ignore_errors=True)
        raise StackError("The environment .venv could not be created.", made.stdout + made.stderr)


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False)


def _python() -> str:
    if sys.version_info >= OLDEST:
        return sys.executable
    for minor in range(OLDEST[1], OLDEST[1] + 4):
        found = shutil.which(f"python3.{minor}")
        if found:
            return found
    version = ".".join(map(str, OLDEST))
    raise StackError(f"Python {version} or later is needed; this one is {sys.version.split()[0]}.")


def _pip_install(locked: Path, total: int) -> tuple[int, str]:
    """Run pip, turning its own lines into one line of progress. Exit code and last lines."""
    command = [str(PYTHON), "-m", "pip", "install", "--progress-bar", "off"]
    command += ["--disable-pip-version-check", "--no-input", "-r", str(locked)]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "PIP_ROOT_USER_ACTION": "ignore"}
    lines: list[str] = []
    seen = 0
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as pip:
        assert pip.stdout is not None
        for line in pip.stdout:
            lines.append(line.rstrip())
            named = _NAMED.match(line)
            if named:
                seen += 1
                _show(f"{min(seen, total)}/{total} {named[1]}", seen, total)
            elif line.startswith("Installing collected"):
                _show("unpacking", total, total)
    if sys.stdout.isatty():
        print("\r\033[K", end="")
    return pip.returncode, "\n".join(lines[-12:])


def _show(text: str, seen: int, total: int) -> None:
    if sys.stdout.isatty():
        print(f"\r\033[K  {text[:70]}", end="", flush=True)
    elif seen in (1, total // 4, total // 2, 3 * total // 4, total):
        print(f"  {text[:70]}", flush=True)


def _locked(name: str) -> Path:
    path = ROOT / "requirements" / f"{name}.txt"
    if not path.exists():
        raise StackError(f"There is no locked file requirements/{name}.txt.")
    return path


def _digest(name: str) -> str:
    # The place counts: a copied environment still points to where it was made.
    return hashlib.sha256(bytes(VENV) + _locked(name).read_bytes()).hexdigest()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
