"""supervisord, the process manager: its configuration written from the table, and its control.

It restarts what dies (with a growing pause while a start keeps failing) and listens on a Unix
socket in the stack's folder. Each process writes a log file of its own.
"""

from __future__ import annotations

import getpass
import hashlib
import os
import re
import resource
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import time
import xmlrpc.client
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from deploy.local.problems import StackError
from deploy.local.processes import Process
from deploy.local.settings import ROOT, Settings, write_private

MARK = "MASAHA_STACK"
"""Environment variable that names the stack a process belongs to."""

STEADY_SECONDS = 3
"""A process that dies sooner has failed to start; supervisord then waits longer each time."""

RETRIES = 8
"""Failed starts in a row before supervisord gives a process up (FATAL), after about 40 s."""

_SETTING = re.compile(r"(?!PWD$|OLDPWD$|SHLVL$|PPID$)[A-Za-z_][A-Za-z0-9_]*")
_DOOR, _HOLDER = "-0", "-1"
_UNIX_PATH_LIMIT = 100  # Linux allows 107 bytes; supervisord adds a suffix while binding.
_SHUT_DOWN_SECONDS = 60
_ENDED = ("STOPPED", "EXITED", "FATAL")
_FOREIGN = re.compile(r"^(RABBITMQ_|ERL_|SUPERVISOR_|PYTHONPATH$|PYTHONHOME$)")


@dataclass(frozen=True)
class State:
    """What supervisord knows of one process. `seconds` is how long it has been up."""

    name: str
    state: str
    pid: int
    seconds: int


class _Transport(xmlrpc.client.Transport):
    """XML-RPC over supervisord's Unix socket, without a library: `status` and `down` also work
    where nothing is installed."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def make_connection(self, host: Any) -> HTTPConnection:
        connection = HTTPConnection("127.0.0.1")
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.connect(str(self._path))
        return connection


class Supervisor:
    """The supervisord of one stack."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._folder = settings.folder
        self.log = settings.logs / "supervisord.log"
        self._configuration = self._folder / "supervisord.conf"
        self._pid_file = self._folder / "supervisord.pid"
        self.socket = _socket_path(self._folder)
        self._daemon: subprocess.Popen[bytes] | None = None

    def configure(self, processes: Iterable[Process], leash: int | None) -> None:
        """Write the configuration. `leash`: the stack stops when the process of this id is gone."""
        sections = [self._daemon_section(), self._watchdog_section(leash)]
        for process in processes:
            self.write_settings(process)
            sections.append(self._program_section(process))
        write_private(self._configuration, "\n".join(sections))

    def write_settings(self, process: Process, given: Mapping[str, str] | None = None) -> None:
        """Write the settings that a process gets at its next start.

        Args:
            given: those that it gets beside its own, over what the stack was started with.
        """
        settings = {
            name: text
            for name, text in (given or {}).items()
            if _SETTING.fullmatch(name) and not _FOREIGN.match(name)
        } | dict(process.environment)
        path = self._settings_file(process.name)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        lines = (f"{name}={shlex.quote(text)}\n" for name, text in settings.items())
        write_private(path, "".join(lines))

    def start(self, environ: Mapping[str, str]) -> None:
        """Start supervisord, with none of its processes yet. StackError when it does not answer."""
        self.socket.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        environment = {name: text for name, text in environ.items() if not _FOREIGN.match(name)}
        environment |= {
            MARK: str(self._folder),
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
            "PYTHONUTF8": "1",
        }
        arguments = ["-m", "supervisor.supervisord", "-n", "-c", str(self._configuration)]
        raise_file_limit()
        daemon = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C reaches us, and we stop it in order.
            umask=0o077,  # What the processes write is for their owner only.
        )
        interrupt_nobody(daemon.pid)  # Inherited by all that it starts.
        deadline = time.monotonic() + 15
        while not self.running():
            if daemon.poll() is not None or time.monotonic() > deadline:
                daemon.kill()
                _, complaint = daemon.communicate()
                raise StackError(
                    "The process manager supervisord did not start.",
                    complaint.decode(errors="replace")[-1000:],
                )
            time.sleep(0.05)
        if daemon.stderr is not None:
            daemon.stderr.close()
        self._daemon = daemon

    def running(self) -> bool:
        """Whether this stack's supervisord answers."""
        if not self.socket.exists():
            return False
        try:
            return bool(self._call("getState")["statename"] == "RUNNING")
        except (OSError, HTTPException, xmlrpc.client.Error):
            return False

    def states(self) -> dict[str, State]:
        """Every process by name."""
        return {
            info["group"]: State(
                info["group"],
                info["statename"],
                info["pid"],
                info["now"] - info["start"] if info["pid"] else 0,
            )
            for info in self._call("getAllProcessInfo")
            if info["group"] != "watchdog" and info["name"] != info["group"] + _HOLDER
        }

    def state(self, name: str) -> State:
        """One process. StackError when there is none of that name."""
        states = self.states()
        if name not in states:
            raise StackError(f"There is no process '{name}'; there are {', '.join(states)}.")
        return states[name]

    def start_process(self, name: str) -> None:
        """Begin to start one process; whether it works is for its readiness check to say."""
        known = self._names()
        holder = f"{name}:{name}{_HOLDER}"
        if holder in known and self._call("getProcessInfo", holder)["statename"] in _ENDED:
            self._call("startProcess", holder, False)
        self._call("startProcess", known[name], False)

    def release_socket(self, name: str) -> None:
        """Have the socket of a process close with the process itself."""
        holder = f"{name}:{name}{_HOLDER}"
        if holder in self._names():
            with suppress(xmlrpc.client.Fault):  # It does not run.
                self._call("stopProcess", holder, True)

    def stop_processes(self, names: Iterable[str], seconds: float) -> None:
        """Stop these at the same time (SIGTERM, then SIGKILL after each one's own time)."""
        waiting = set()
        known = self._names()
        for name, state in self.states().items():
            if name in set(names) and state.state not in _ENDED:
                self._call("stopProcess", known[name], False)
                waiting.add(name)
        deadline = time.monotonic() + seconds
        while waiting and time.monotonic() < deadline:
            states = self.states()
            waiting = {name for name in waiting if states[name].state not in _ENDED}
            if waiting:
                time.sleep(0.1)

    def shut_down(self) -> None:
        """Stop supervisord and all that it still runs, and wait until it has ended."""
        pid = self.pid()
        try:
            # supervisord takes up to a second for each program that it knows, stopped or not.
            for name, state in self.states().items():
                if state.state in _ENDED:
                    self._call("removeProcessGroup", name)
            self._call("shutdown")
        except (OSError, HTTPException, xmlrpc.client.Error):
            if pid is not None:
                _signal(pid, signal.SIGTERM)
        deadline = time.monotonic() + _SHUT_DOWN_SECONDS
        while pid is not None and _alive(pid):
            if self._daemon is not None:
                self._daemon.poll()  # Ours to reap, when it is our child.
            if time.monotonic() > deadline:
                _signal(pid, signal.SIGKILL)  # It hangs; what it leaves is ended as a stray.
            time.sleep(0.05)

    def pid(self) -> int | None:
        """supervisord's process id, while it lives."""
        try:
            pid = int(self._pid_file.read_text())
        except (OSError, ValueError):
            return None
        return pid if belongs(pid, self._folder) else None

    def last_exit(self, name: str) -> str:
        """How a process last ended, in supervisord's words, such as 'exit status 1'."""
        text = self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""
        found = re.findall(
            rf"exited: {re.escape(name)}(?:{_DOOR})? \((.*?)(?:; (?:not )?expected)?\)", text
        )
        return found[-1] if found else "no exit status"

    def _names(self) -> dict[str, str]:
        """What supervisord calls each process, by our name for it; its holder under its own."""
        found = {}
        for info in self._call("getAllProcessInfo"):
            full = f"{info['group']}:{info['name']}"
            found[full if info["name"] == info["group"] + _HOLDER else info["group"]] = full
        return found

    def _settings_file(self, name: str) -> Path:
        return self._folder / "environment" / name

    def _call(self, method: str, *arguments: Any) -> Any:
        with xmlrpc.client.ServerProxy(
            "http://127.0.0.1", transport=_Transport(self.socket), allow_none=True
        ) as proxy:
            return getattr(proxy.supervisor, method)(*arguments)

    def _daemon_section(self) -> str:
        user = f"\nuser = {getpass.getuser()}" if os.geteuid() == 0 else ""
        return f"""\
; Written on each start by deploy/local/supervision.py: change processes.py instead.
[supervisord]
logfile = {_quoted(self.log)}
logfile_maxbytes = 5MB
logfile_backups = 1
pidfile = {_quoted(self._pid_file)}
childlogdir = {_quoted(self._settings.logs)}
directory = {_quoted(ROOT)}
identifier = masaha{user}

[unix_http_server]
file = {_quoted(self.socket)}
chmod = 0700

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
"""

    def _watchdog_section(self, leash: int | None) -> str:
        variables = {"MASAHA_STACK_LOG": str(self._settings.logs / "stack.log")}
        if leash is not None:
            variables["MASAHA_LEASH"] = str(leash)
        return f"""\
[eventlistener:watchdog]
command = {_command([sys.executable, "-m", "deploy.local.watchdog"])}
events = PROCESS_STATE_FATAL,TICK_5
environment = {_environment(variables)}
stdout_logfile = NONE
stderr_logfile = {_quoted(self._settings.logs / "watchdog.log")}
stderr_logfile_maxbytes = 1MB
stderr_logfile_backups = 0
"""

    def _program_section(self, process: Process) -> str:
        log = log_of(self._settings, process.name)
        file = self._settings_file(process.name)
        return f"""\
{_kind(process)}
command = {_command(_logging(process.command, log, file))}
directory = {_quoted(ROOT)}
priority = {int(process.layer) * 100}
autostart = false
autorestart = true
startsecs = {STEADY_SECONDS}
startretries = {RETRIES}
stopsignal = TERM
stopwaitsecs = {process.stop_seconds}
killasgroup = true
redirect_stderr = true
stdout_logfile = NONE
"""


def interrupt_nobody(pid: int) -> None:
    """Let a process that wakes up, for a request or a reply, not interrupt the one at work.

    On few cores more gets done between two switches. Where it is not allowed, all works as it is.
    """
    with suppress(OSError):
        os.sched_setscheduler(pid, os.SCHED_BATCH, os.sched_param(0))


def _kind(process: Process) -> str:
    """The head of a process's section.

    supervisord opens the socket of a process with a door, as it does for FastCGI, and passes it on
    as standard input. The socket closes with the last process that has it. A second process, which
    does nothing, keeps it open while the first one is started again: clients wait meanwhile, and
    are not refused.
    """
    if process.door is None:
        return f"[program:{process.name}]"
    return f"""\
[fcgi-program:{process.name}]
socket = tcp://{process.door}
socket_backlog = 2048
numprocs = 2
process_name = {process.name}-%(process_num)d"""


def _logging(command: list[str], log: Path, settings_file: Path) -> list[str]:
    """The command with its settings, writing to its log itself.

    Through supervisord's pipes each line would wake supervisord, and a process that writes would
    stop when supervisord does: a pipe takes 64 KiB. The watchdog keeps the files short.
    """
    script = (
        f"case $SUPERVISOR_PROCESS_NAME in *{_HOLDER}) exec sleep infinity;; esac; "
        'set -a; . "$1"; set +a; shift; exec "$@" >>"$0" 2>&1'
    )
    return ["sh", "-c", script, str(log), str(settings_file), *command]


def log_of(settings: Settings, name: str) -> Path:
    """The log file of one process."""
    return settings.logs / f"{name}.log"


def strays(folder: Path) -> list[int]:
    """Processes of this stack that outlived their supervisord (it was killed)."""
    pids = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal())
    return [pid for pid in pids if pid != os.getpid() and belongs(pid, folder)]


def stop_strays(folder: Path, seconds: float) -> None:
    """End them: SIGTERM, and SIGKILL for those that do not follow in time."""
    deadline = time.monotonic() + seconds
    for pid in strays(folder):
        _signal(pid, signal.SIGTERM)
    while (left := strays(folder)) and time.monotonic() < deadline:
        time.sleep(0.1)
    for pid in left:
        _signal(pid, signal.SIGKILL)


def belongs(pid: int, folder: Path) -> bool:
    """Whether a living process was started by the stack in `folder`."""
    try:
        environ = Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return False
    return f"{MARK}={folder}".encode() in environ.split(b"\0")


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return  # It has just ended by itself, which is what was wanted.


def _socket_path(folder: Path) -> Path:
    inside = folder / "supervisor.sock"
    if len(bytes(inside)) <= _UNIX_PATH_LIMIT:
        return inside
    digest = hashlib.sha256(bytes(folder)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"masaha-{os.getuid()}-{digest}" / "supervisor.sock"


def raise_file_limit() -> None:
    """The broker and the database want many open files: take what this user is allowed.

    Set on this process, since children inherit it.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 65536 if hard == resource.RLIM_INFINITY else min(hard, 65536)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _quoted(value: object) -> str:
    return str(value).replace("%", "%%")


def _command(words: list[str]) -> str:
    return _quoted(shlex.join(words))


def _environment(variables: Mapping[str, str]) -> str:
    pairs = (f'{name}="{text}"' for name, text in variables.items())
    return _quoted(",".join(pairs))
