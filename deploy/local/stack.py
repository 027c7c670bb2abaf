"""One stack: started layer by layer, each gated on health; stopped whole, its data kept."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from deploy.local import mongodb, ports, processes, rabbitmq, settings, supervision
from deploy.local.problems import StackError
from deploy.local.processes import Layer, Process
from deploy.local.supervision import State, Supervisor
from services.common.runtime import WRONG_SETTING

Progress = Callable[[str], None]
START_SECONDS = 90
LOG_LINES = 12


class Stack:
    """The system in one folder.

    `only` keeps to some processes of the table, by name (a test that needs just a broker).
    `environ` holds further settings of the system's processes, beside those of this one.
    `leash` is the id of a process with which the stack has to end, however that one ends.
    """

    def __init__(
        self,
        folder: Path,
        port_base: int | None = None,
        only: Collection[str] | None = None,
        leash: int | None = None,
        progress: Progress = lambda line: None,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        given = dict(os.environ)
        if port_base is not None:
            # Settings given in code are a stack of its own: never another person's broker.
            given["MASAHA_PORT_BASE"] = str(port_base)
            given.pop("AMQP_URI", None)
            given.pop("MONGO_URI", None)
        self.settings = processes.load_settings(folder, given)
        # Each process gets the secrets that are its own, and no others.
        shared = {name: text for name, text in given.items() if name not in processes.SECRETS}
        self._shell = {**shared, **(environ or {})}
        self.given = {**processes.DEFAULTS, **self._shell}
        self._only = only
        self.leash = leash
        self._progress = progress
        self._gone: set[int] = set()
        self.supervisor = Supervisor(self.settings)

    @property
    def gateway_url(self) -> str:
        """The address of the HTTP door."""
        return processes.gateway_url(self.settings)

    @property
    def amqp_uri(self) -> str:
        """The broker."""
        return processes.amqp_uri(self.settings)

    @property
    def mongo_uri(self) -> str:
        """The replica set."""
        return processes.mongo_uri(self.settings)

    @property
    def mail_folder(self) -> Path:
        """Where sent mail is kept, one .eml file each."""
        return self.settings.mail

    @property
    def environment(self) -> dict[str, str]:
        """The settings that a further process needs to be part of this stack, as its operator."""
        variables = processes.environment(self.settings)
        for branch in ("bookings", "trainings", "consultations"):
            variables |= processes.own_settings(self.settings, branch)
        if self.settings.given_mongo_uri is None:
            variables["CASE_KEYS_MONGO_URI"] = self.mongo_uri
        return variables

    def log(self, name: str) -> Path:
        """The log file of a process."""
        return supervision.log_of(self.settings, name)

    @property
    def is_whole(self) -> bool:
        """Whether it has all processes of the table."""
        return self._only is None

    def running(self) -> bool:
        """Whether the stack was started and not stopped."""
        return self.supervisor.running()

    def up(self, seed: bool = True) -> None:
        """Start everything and wait until all of it is ready; then put the seed data in.

        Raises StackError, with everything stopped again, when anything does not start.
        """
        with self._only_one_at_a_time():
            if self.running():
                raise StackError(f"The stack in {self.settings.folder} is already running.")
            supervision.stop_strays(self.settings.folder, seconds=processes.DRAIN_SECONDS)
            settings.store(self.settings)
            self._check_settings(self._table())
            self._reach_given_servers()
            table = self._prepare()
            self._refuse_used_ports(table)
            self._warn_of_the_given_broker()
            self.supervisor.configure(table, self.leash)
            try:
                self.supervisor.start(self.given)
                self._start(table)
                if seed and self._only is None:
                    self._seed()
            except BaseException:
                self._stop()  # Ctrl-C included: nothing that was started stays behind.
                raise

    def down(self) -> None:
        """Stop everything in order; started work is finished, data is kept."""
        with self._only_one_at_a_time():
            self._stop()

    def names(self) -> list[str]:
        """The processes of this stack, in starting order."""
        return [process.name for process in self._table()]

    def known(self, name: str) -> str:
        """The name of a process of this stack; StackError for any other."""
        return self._process(name).name

    def states(self) -> dict[str, State]:
        """Every process as the manager sees it."""
        return self.supervisor.states()

    def pid(self, name: str) -> int:
        """The process id, 0 while it is not running."""
        return self.supervisor.state(name).pid

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> int:
        """Send a signal to a process; the id of the process that got it."""
        pid = self.pid(name)
        if pid == 0:
            raise StackError(f"{name} is not running.")
        os.kill(pid, number)
        if number in (signal.SIGKILL, signal.SIGTERM):
            self._gone.add(pid)
        return pid

    def restart(self, name: str) -> None:
        """Stop one process cleanly and start it again, ready.

        What the environment of this command says goes before what the stack was started with.
        Raises StackError, with the process left as it was, when it could not work with that.
        """
        process = self._process(name)
        if not self.running():
            raise StackError("Masaha is not running; start it with: make up")
        settings.check_unmoved(self.settings)
        self._check_settings([process])
        self._reach_given_servers()
        self.supervisor.write_settings(process, self._shell)
        self.supervisor.stop_processes([name], process.stop_seconds + 5)
        self.supervisor.start_process(name)
        self._await_start([process])

    def wait_ready(self, name: str, timeout: float = START_SECONDS, but_pid: int = 0) -> None:
        """Wait until a process works, however often it has to be restarted before it does.

        One that `kill` has ended does not count, even while it is still dying; nor does `but_pid`,
        for a process that was ended in another way. `timeout` is in seconds; StackError when it is
        over.
        """
        process = self._process(name)
        deadline = time.monotonic() + timeout
        while True:
            state = self.supervisor.state(name)
            fresh = state.pid not in {0, but_pid, *self._gone}
            reason = self._why_not_ready(process) if fresh else f"is {state.state}"
            if reason is None:
                return
            if time.monotonic() > deadline:
                raise self._failure(name, f"was not ready after {timeout:.0f} s: {reason}")
            time.sleep(0.1)

    def why_not_ready(self, name: str) -> str | None:
        """The readiness check of one process, asked once."""
        return self._why_not_ready(self._process(name))

    def _table(self) -> list[Process]:
        table = processes.table(self.settings)
        return [entry for entry in table if self._only is None or entry.name in self._only]

    def _process(self, name: str) -> Process:
        by_name = {process.name: process for process in self._table()}
        if name not in by_name:
            raise StackError(f"There is no process '{name}'; there are {', '.join(by_name)}.")
        return by_name[name]

    def _prepare(self) -> list[Process]:
        """Install what is missing and write what the broker and the database read."""
        wanted = {"rabbitmq", "mongod"} if self._only is None else set(self._only)
        if "rabbitmq" in wanted and self.settings.given_amqp_uri is None:
            rabbitmq.ensure_installed()
            rabbitmq.prepare(self.settings)
        if "mongod" in wanted and self.settings.given_mongo_uri is None:
            mongodb.prepare(self.settings)
        return self._table()

    def _check_settings(self, members: Collection[Process]) -> None:
        """Ask their deployables whether they can work with their settings, before any starts."""
        if self._only is not None:
            return
        for _, done in self._run_together(processes.checks(members)):
            if done.returncode == WRONG_SETTING:
                raise StackError(done.stderr.strip())
            if done.returncode != 0:
                raise StackError("The settings could not be checked:", _last_lines(done.stderr))

    def _run_together(
        self, commands: list[list[str]]
    ) -> list[tuple[list[str], subprocess.CompletedProcess[str]]]:
        """Run commands of the stack side by side, each with its settings, until all have ended."""

        def run(command: list[str]) -> subprocess.CompletedProcess[str]:
            environ = self.given | processes.settings_of(self.settings, command)
            return subprocess.run(
                command, cwd=settings.ROOT, env=environ, capture_output=True, text=True, check=False
            )

        with ThreadPoolExecutor(len(commands) or 1) as together:
            return list(zip(commands, together.map(run, commands), strict=True))

    def _reach_given_servers(self) -> None:
        """Refuse a broker or a database that runs elsewhere and does not answer."""
        for uri, why_away in (
            (self.settings.given_amqp_uri, rabbitmq.why_away),
            (self.settings.given_mongo_uri, mongodb.why_away),
        ):
            if uri is not None and (reason := why_away(uri)):
                raise StackError(reason)

    def _warn_of_the_given_broker(self) -> None:
        """A broker that runs elsewhere can be used without our topology, though not for good."""
        if self.settings.given_amqp_uri is not None:
            lack = rabbitmq.what_it_lacks(self.settings.given_amqp_uri)
            if lack is not None:
                self._progress(f"  ! {lack}")

    def _start(self, table: list[Process]) -> None:
        for layer in Layer:
            members = [process for process in table if process.layer == layer]
            if layer == Layer.BRANCHES and members:
                self._migrate()
            for process in members:
                self.supervisor.start_process(process.name)
            self._await_start(members)

    def _await_start(self, members: list[Process]) -> None:
        """Wait for all of them; the first that dies ends the wait with its own words."""
        begun = time.monotonic()
        waiting = {process.name: process for process in members}
        first_pids: dict[str, int] = {}
        reasons: dict[str, str] = {}
        while waiting:
            states = self._living_states()
            for name, process in list(waiting.items()):
                state = states[name]
                if state.pid and first_pids.setdefault(name, state.pid) != state.pid:
                    raise self._died(name)
                if state.state in ("BACKOFF", "EXITED", "FATAL"):
                    raise self._died(name)
                for port in self._taken(process):
                    raise self._used_port(process, port)
                reason = self._why_not_ready(process) if state.pid else "starting"
                if reason is None:
                    del waiting[name]
                    self._progress(
                        f"  ✓ {name:<22} {_where(process):<24} {time.monotonic() - begun:5.1f} s"
                    )
                else:
                    reasons[name] = reason
            if waiting and time.monotonic() - begun > START_SECONDS:
                name = next(iter(waiting))
                raise self._failure(name, f"was not ready after {START_SECONDS} s: {reasons[name]}")
            if waiting:
                time.sleep(0.1)

    def _living_states(self) -> dict[str, State]:
        try:
            return self.supervisor.states()
        except OSError:
            raise StackError("The process manager was stopped while the stack started.") from None

    def _migrate(self) -> None:
        self._run_all(processes.migrations(), "What is stored could not be changed")

    def _seed(self) -> None:
        self._run_all(processes.seeds(), "The seed data could not be put in")
        self._progress(f"  ✓ {'seed data':<22} {settings.ROOT.name}/deploy/seed")

    def _run_all(self, commands: list[list[str]], failure: str) -> None:
        for command, done in self._run_together(commands):
            if done.returncode != 0:
                shown = " ".join(command[1:4])
                raise StackError(
                    f"{failure}: '{shown}' ended with {done.returncode}.",
                    _last_lines(done.stdout + done.stderr),
                )

    def _stop(self) -> None:
        if self.running():
            table = sorted(self._table(), key=lambda process: process.layer, reverse=True)
            for layer in sorted(Layer, reverse=True):
                members = [process for process in table if process.layer == layer]
                for member in members:
                    self.supervisor.release_socket(member.name)
                longest = max((process.stop_seconds for process in members), default=0)
                self.supervisor.stop_processes([member.name for member in members], longest + 5)
        if self.supervisor.pid() is not None:
            self.supervisor.shut_down()
        supervision.stop_strays(self.settings.folder, seconds=processes.DRAIN_SECONDS)

    def _refuse_used_ports(self, table: list[Process]) -> None:
        for process in table:
            for port in process.ports:
                if not ports.is_free(port):
                    raise self._used_port(process, port)

    def _used_port(self, process: Process, port: int) -> StackError:
        return StackError(
            f"Port {port} of {process.name} is already in use; choose others "
            f"with MASAHA_PORT_BASE (now {self.settings.port_base}), for example: "
            f"make up MASAHA_PORT_BASE={_another_base(self.settings.port_base)}"
        )

    def _why_not_ready(self, process: Process) -> str | None:
        """Whether it works, and is ours.

        Strangers are looked for before and after: one that answers while our own process still
        starts must neither be set up nor be taken for it, or what is meant for this stack is
        written into another person's database.
        """
        stranger = self._stranger(process)
        return stranger or process.ready() or self._stranger(process)

    def _stranger(self, process: Process) -> str | None:
        taken = self._taken(process)
        return f"port {taken[0]} is in use by another program" if taken else None

    def _taken(self, process: Process) -> list[int]:
        """Its ports on which a process listens that does not belong to this stack."""
        return ports.taken(process.ports, lambda: supervision.strays(self.settings.folder))

    def _died(self, name: str) -> StackError:
        return self._failure(name, f"died while starting ({self.supervisor.last_exit(name)})")

    def _failure(self, name: str, what: str) -> StackError:
        log = self.log(name)
        lines = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
        return StackError(f"{name} {what}; its last lines ({log}):", _last_lines(lines))

    @contextlib.contextmanager
    def _only_one_at_a_time(self) -> Iterator[None]:
        """Two commands on one folder take turns."""
        self.settings.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.settings.folder / "lock").open("w") as lock:
            os.fchmod(lock.fileno(), 0o600)
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _where(process: Process) -> str:
    return f"{processes.HOST}:{process.ports[0]}" if process.ports else ""


def _last_lines(text: str) -> str:
    return "\n".join(f"    {line[:400]}" for line in text.splitlines()[-LOG_LINES:])


def _another_base(base: int) -> int:
    return base + 100 if base + 100 + settings.PORT_SPAN < 65536 else settings.DEFAULT_PORT_BASE
