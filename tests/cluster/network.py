"""A network of this test's own: a namespace for each host, and one with the bridge between them.

No part of it is in the machine's own network: links, addresses and routes are inside the
namespaces, so two runs do not meet. The test enters the one with the bridge, and so do the clients.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.support.awaiting import until

FOLDER = Path("/run/netns")
SUBNET = "10.77.0"
_BRIDGE = "bridge"
_NETWORK_NAMESPACE = 0x40000000  # CLONE_NEWNET of setns(2).
_END_SECONDS = 20.0


def ip(*arguments: str) -> str:
    """One command of iproute2; returns its output."""
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"ip {' '.join(arguments)}: {done.stderr}"
    return done.stdout


@dataclass(frozen=True)
class Host:
    """One machine of the network: its namespace, its address, and its end of the bridge."""

    namespace: str
    address: str
    link: str

    def inside(self, *command: str) -> list[str]:
        """A command that runs on this host, and ends with the thread that begins it, however that
        ends."""
        return [
            "setpriv",
            "--pdeathsig",
            "KILL",
            "nsenter",
            f"--net={FOLDER / self.namespace}",
            *command,
        ]


class Network:
    """The hosts and the bridge.

    Args:
        name: of this run; begins the names of all namespaces.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._hub = f"{name}-hub"
        self.hosts: list[Host] = []
        self._add_namespace(self._hub)
        ip("-n", self._hub, "link", "add", _BRIDGE, "type", "bridge")
        ip("-n", self._hub, "address", "add", f"{SUBNET}.1/24", "dev", _BRIDGE)
        ip("-n", self._hub, "link", "set", _BRIDGE, "up")

    def add_host(self) -> Host:
        """A further machine on the bridge."""
        number = len(self.hosts) + 1
        host = Host(f"{self._name}-{number}", f"{SUBNET}.{10 + number}", f"host{number}")
        self._add_namespace(host.namespace)
        self.hosts.append(host)
        peer = ("peer", "name", "eth0", "netns", host.namespace)
        ip("-n", self._hub, "link", "add", host.link, "type", "veth", *peer)
        ip("-n", self._hub, "link", "set", host.link, "master", _BRIDGE, "up")
        ip("-n", host.namespace, "address", "add", f"{host.address}/24", "dev", "eth0")
        ip("-n", host.namespace, "link", "set", "eth0", "up")
        return host

    def cut_off(self, host: Host) -> None:
        """Pull the plug: what is sent to the host, and by it, is lost without a word."""
        ip("-n", self._hub, "link", "set", host.link, "down")

    def heal(self, host: Host) -> None:
        """Put the plug in again."""
        ip("-n", self._hub, "link", "set", host.link, "up")

    @contextmanager
    def entered(self) -> Iterator[None]:
        """This thread is on the bridge, with all threads and processes that it begins."""
        before = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        hub = os.open(FOLDER / self._hub, os.O_RDONLY)
        try:
            _set_namespace(hub)
            try:
                yield
            finally:
                _set_namespace(before)
        finally:
            os.close(hub)
            os.close(before)

    def close(self) -> None:
        """End every process that is left in the network, and delete all namespaces."""
        for namespace in namespaces(self._name):
            for pid in processes_in(namespace):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            until(
                lambda there=namespace: processes_in(there),  # type: ignore[misc]
                f"the end of what runs in {namespace}",
                _END_SECONDS,
                enough=lambda pids: not pids,
            )
            ip("netns", "delete", namespace)

    def _add_namespace(self, namespace: str) -> None:
        ip("netns", "add", namespace)
        ip("-n", namespace, "link", "set", "lo", "up")


def namespaces(name: str) -> list[str]:
    """The namespaces of a run that are there."""
    if not FOLDER.exists():
        return []
    return sorted(path.name for path in FOLDER.iterdir() if path.name.startswith(f"{name}-"))


def processes_in(namespace: str) -> list[int]:
    """Who is in a namespace, this process not counted."""
    found = map(int, ip("netns", "pids", namespace).split())
    return [pid for pid in found if pid != os.getpid() and not _has_ended(pid)]


def _has_ended(pid: int) -> bool:
    """Whether only its parent has not asked yet how it ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def _set_namespace(descriptor: int) -> None:
    # os.setns is new in Python 3.12.
    library = ctypes.CDLL(None, use_errno=True)
    if library.setns(descriptor, _NETWORK_NAMESPACE) != 0:
        raise OSError(ctypes.get_errno(), "the network namespace cannot be entered")
