"""A container engine of the test's own: an own daemon, data folder and socket, ended with the test.

It never works in the machine's own network with its defaults. To build, the daemon makes no bridge
and no firewall rule; to run, it lives in a network namespace of its own, so that bridge, firewall
and forwarding stay in there.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from tests.support.awaiting import until

_NO_NETWORK = (
    "--bridge=none",
    "--iptables=false",
    "--ip6tables=false",
    "--ip-forward=false",
    "--ip-masq=false",
)
_START_SECONDS = 60.0
_STOP_SECONDS = 60.0
_COMMAND_SECONDS = 600.0


class Engine:
    """One daemon at a time over one data folder.

    Args:
        folder: holds all that it writes; the caller removes it.
        namespace: the name of the network namespace, made and deleted here.
    """

    def __init__(self, folder: Path, namespace: str) -> None:
        self.folder = folder
        self.namespace = namespace
        self._daemon: subprocess.Popen[bytes] | None = None
        # The path of a socket has 107 characters at most.
        self._socket = Path("/run") / f"{namespace}.sock"

    def start_to_build(self) -> None:
        """A daemon that builds with the machine's network, and runs nothing."""
        self._start([], _NO_NETWORK)

    def start_to_run(self) -> None:
        """A daemon whose containers live in a network namespace of their own."""
        run("ip", "netns", "add", self.namespace)
        run("ip", "netns", "exec", self.namespace, "ip", "link", "set", "lo", "up")
        self._start(self.inside(), ())

    def inside(self) -> list[str]:
        """What stands before a command that runs in the containers' network."""
        return ["nsenter", f"--net=/run/netns/{self.namespace}"]

    def environment(self) -> dict[str, str]:
        """For commands that talk to the daemon."""
        return {
            **os.environ,
            "DOCKER_HOST": f"unix://{self._socket}",
            "DOCKER_BUILDKIT": "0",
            "DOCKER_CONFIG": str(self.folder / "client"),
            "COMPOSE_BAKE": "false",
        }

    def docker(self, *arguments: str | Path, check: bool = True) -> str:
        """One command of the engine; returns its output."""
        return run("docker", *arguments, environment=self.environment(), check=check)

    def compose(self, *arguments: str | Path, files: list[Path], settings: Path) -> str:
        """One command of Compose over these files."""
        program = Path(sys.executable).parent / "docker-compose"
        chosen = [word for file in files for word in ("--file", str(file))]
        return run(
            program,
            "--env-file",
            settings,
            *chosen,
            *arguments,
            environment=self.environment(),
        )

    def build_images(self, compose_file: Path, settings: Path) -> None:
        """Every image that the compose file builds, each target once, from its Dockerfile."""
        described = json.loads(
            self.compose("config", "--format", "json", files=[compose_file], settings=settings)
        )
        built: set[str] = set()
        for service in described["services"].values():
            if (build := service.get("build")) and build["target"] not in built:
                built.add(build["target"])
                self.docker(
                    "build",
                    *("--network", "host", "--quiet"),
                    *("--file", Path(build["context"]) / build["dockerfile"]),
                    *("--target", build["target"], "--tag", f"masaha/{build['target']}:test"),
                    build["context"],
                )

    def stop(self) -> None:
        """End the daemon, its containers and its namespace."""
        if self._daemon is not None:
            self._daemon.send_signal(signal.SIGTERM)
            try:
                self._daemon.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._daemon.kill()
                self._daemon.wait()
            self._daemon = None
        if (Path("/run/netns") / self.namespace).exists():
            run("ip", "netns", "del", self.namespace)
        self._socket.unlink(missing_ok=True)

    def remove(self) -> None:
        """Delete all that it wrote; mounts of containers that were not ended are detached first."""
        mounts = Path("/proc/self/mounts").read_text("utf-8").splitlines()
        for mount in reversed([line.split()[1] for line in mounts]):
            if mount.startswith(f"{self.folder}/"):
                run("umount", "--lazy", mount, check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _start(self, before: list[str], options: tuple[str, ...]) -> None:
        assert self._daemon is None
        self.folder.mkdir(parents=True, exist_ok=True)
        # A daemon that was killed leaves it.
        (self.folder / "pid").unlink(missing_ok=True)
        command = [
            *before,
            "dockerd",
            *("--data-root", str(self.folder / "data")),
            *("--exec-root", str(self.folder / "exec")),
            *("--pidfile", str(self.folder / "pid")),
            *("--host", f"unix://{self._socket}"),
            *options,
        ]
        with (self.folder / "daemon.log").open("ab") as log:
            self._daemon = subprocess.Popen(command, stdout=log, stderr=log)
        until(self._answers, "the container engine", _START_SECONDS)

    def _answers(self) -> bool:
        assert self._daemon is not None
        assert self._daemon.poll() is None, (self.folder / "daemon.log").read_text("utf-8")[-2000:]
        return self.docker("version", "--format", "{{.Server.Version}}", check=False) != ""


def run(
    *command: str | Path,
    environment: Mapping[str, str] | None = None,
    check: bool = True,
    seconds: float = _COMMAND_SECONDS,
) -> str:
    """Run a command; returns its output, and shows it whole where it fails."""
    begun = time.monotonic()
    done = subprocess.run(
        [str(each) for each in command],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=seconds,
    )
    shown = " ".join(str(each) for each in command)
    if os.environ.get("CONTAINERS_SHOW"):
        print(f"{time.monotonic() - begun:6.1f} s  {shown}", file=sys.stderr, flush=True)
    if check and done.returncode != 0:
        raise AssertionError(
            f"{shown}\nended with {done.returncode}:\n{done.stdout[-4000:]}{done.stderr[-4000:]}"
        )
    return done.stdout if done.returncode == 0 else ""
