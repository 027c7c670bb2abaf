"""The servers: three nodes of MongoDB as one replica set, three of RabbitMQ as one cluster."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from deploy.broker import SERVICES, definitions_with
from deploy.local import mongodb
from tests.cluster.network import Host
from tests.support.awaiting import until

AMQP_PORT, MONGO_PORT = 5672, 27017
OPERATOR, PASSWORD = "masaha", "of this test"
REPLICA_SET = "masaha"
START_SECONDS = 60.0
_TOOL_SECONDS = 60.0
_RABBITMQ = Path("/usr/lib/rabbitmq/bin")

ELECTION: Mapping[str, int] = {"electionTimeoutMillis": 3000, "heartbeatIntervalMillis": 1000}
"""Of the replica set: a silent primary is replaced after so long. MongoDB's own is 10 s."""

FOLLOWING: Mapping[str, int] = {
    "oplogNetworkTimeoutBufferSeconds": 1,
    "oplogFetcherSteadyStateMaxFetcherRestarts": 0,
}
"""Of each node: how long one that follows waits for a silent one before it follows another. Without
it no majority takes a write for about 15 s, though there is a primary."""

TICK_SECONDS = 2
"""Of Erlang's distribution: a silent node counts as lost after so long. RabbitMQ's own is 60 s."""

_CONFIGURATION = """\
listeners.tcp.1 = 0.0.0.0:5672
cluster_partition_handling = pause_minority
cluster_formation.peer_discovery_backend = classic_config
{nodes}
cluster_formation.randomized_startup_delay_range.min = 0
cluster_formation.randomized_startup_delay_range.max = 1
queue_leader_locator = balanced
log.console = true
log.console.level = info
log.file = false
vm_memory_high_watermark.absolute = 1GiB
disk_free_limit.absolute = 200MB
raft.wal_max_size_bytes = 32000000
"""


class Node(ABC):
    """One server on one host."""

    def __init__(self, host: Host, folder: Path) -> None:
        self.host = host
        self.folder = folder
        folder.mkdir(mode=0o700)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    @abstractmethod
    def command(self) -> list[str]:
        """The server in the foreground."""

    @property
    @abstractmethod
    def port(self) -> int:
        """Where clients reach it."""

    @property
    def address(self) -> str:
        return f"{self.host.address}:{self.port}"

    def environment(self) -> dict[str, str]:
        return dict(os.environ)

    def start(self) -> None:
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                self.host.inside(*self.command), stdout=log, stderr=log, env=self.environment()
            )

    def await_listening(self) -> None:
        """Until it accepts clients."""

        def listens() -> bool:
            assert self._process is not None
            ended = self._process.poll()
            assert ended is None, f"ended with {ended}: {self._last_words()}"
            with socket.create_connection((self.host.address, self.port), timeout=2):
                return True

        until(listens, f"the start of {self.address}", START_SECONDS, hurt_by=(OSError,))

    def kill(self) -> None:
        """End it as a power cut does."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def _last_words(self) -> str:
        return (self.folder / "log").read_text("utf-8", "replace")[-1500:]


class MongoNode(Node):
    """One member of the replica set."""

    port = MONGO_PORT

    @property
    def command(self) -> list[str]:
        lifetime = mongodb.TRANSACTION_LIFETIME_SECONDS
        return [
            str(mongodb.program()),
            *("--dbpath", str(self.folder), "--bind_ip", "0.0.0.0", "--port", str(self.port)),
            *("--replSet", REPLICA_SET, "--wiredTigerCacheSizeGB", "0.25", "--oplogSize", "128"),
            *("--setParameter", "diagnosticDataCollectionEnabled=false"),
            *(
                word
                for name, value in FOLLOWING.items()
                for word in ("--setParameter", f"{name}={value}")
            ),
            *("--setParameter", f"transactionLifetimeLimitSeconds={lifetime}"),
            *("--nounixsocket", "--quiet"),
        ]


class MongoCluster:
    """The replica set."""

    def __init__(self, hosts: Sequence[Host], folder: Path) -> None:
        self.nodes = [
            MongoNode(host, folder / f"mongodb-{number}") for number, host in enumerate(hosts)
        ]
        addresses = ",".join(node.address for node in self.nodes)
        self.uri = f"mongodb://{addresses}/?replicaSet={REPLICA_SET}"

    def start_nodes(self) -> None:
        """Begin to start every node."""
        for node in self.nodes:
            node.start()

    def form(self) -> None:
        """Make them one replica set."""
        for node in self.nodes:
            node.await_listening()
        members = [{"_id": number, "host": node.address} for number, node in enumerate(self.nodes)]
        with self._client(self.nodes[0], directConnection=True) as client:
            config = {"_id": REPLICA_SET, "members": members, "settings": ELECTION}
            client.admin.command("replSetInitiate", config)
        self.await_whole()

    def primary(self) -> MongoNode:
        """The node that takes writes, as the others see it."""
        states = self._states()
        return next(node for node in self.nodes if states[node.address] == "PRIMARY")

    def await_whole(self) -> None:
        """Until one node is primary and the others follow it."""
        until(
            lambda: sorted(self._states().values()),
            "a whole replica set",
            START_SECONDS,
            enough=lambda states: states == ["PRIMARY", "SECONDARY", "SECONDARY"],
            hurt_by=(PyMongoError,),
            every=0.2,
        )

    def _states(self) -> dict[str, str]:
        with MongoClient[dict[str, Any]](self.uri, serverSelectionTimeoutMS=2000) as client:
            members = client.admin.command("replSetGetStatus")["members"]
        return {member["name"]: member["stateStr"] for member in members}

    def _client(self, node: MongoNode, **options: Any) -> MongoClient[dict[str, Any]]:
        return MongoClient(f"mongodb://{node.address}/", serverSelectionTimeoutMS=5000, **options)


class RabbitNode(Node):
    """One node of the cluster."""

    port = AMQP_PORT

    def __init__(self, host: Host, folder: Path) -> None:
        super().__init__(host, folder)
        self.name = f"masaha@{host.address}"
        self._names: subprocess.Popen[bytes] | None = None

    def configure(self, members: Sequence[RabbitNode], cookie: str, definitions: str) -> None:
        """Write its configuration; the first of the members brings the topology in."""
        nodes = "\n".join(
            f"cluster_formation.classic_config.nodes.{number} = {member.name}"
            for number, member in enumerate(members, start=1)
        )
        text = _CONFIGURATION.format(nodes=nodes)
        if self is members[0]:
            (self.folder / "definitions.json").write_text(definitions, "utf-8")
            text += f"load_definitions = {self.folder / 'definitions.json'}\n"
        (self.folder / "rabbitmq.conf").write_text(text, "utf-8")
        (self.folder / "enabled_plugins").write_text("[].\n", "utf-8")
        (self.folder / "rabbitmq-env.conf").write_text("", "utf-8")
        (self.folder / ".erlang.cookie").write_text(cookie, "utf-8")
        (self.folder / ".erlang.cookie").chmod(0o400)

    @property
    def command(self) -> list[str]:
        return [str(_RABBITMQ / "rabbitmq-server")]

    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "HOME": str(self.folder),
            "RABBITMQ_NODENAME": self.name,
            # An address is a long name to Erlang.
            "RABBITMQ_USE_LONGNAME": "true",
            "RABBITMQ_DIST_PORT": "25672",
            "RABBITMQ_MNESIA_BASE": str(self.folder / "data"),
            "RABBITMQ_LOG_BASE": str(self.folder),
            "RABBITMQ_PID_FILE": str(self.folder / "pid"),
            "RABBITMQ_CONFIG_FILE": str(self.folder / "rabbitmq.conf"),
            "RABBITMQ_CONF_ENV_FILE": str(self.folder / "rabbitmq-env.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "enabled_plugins"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": f"-kernel net_ticktime {TICK_SECONDS}",
            # The script becomes the node, so that a kill -9 reaches it.
            "RUNNING_UNDER_SYSTEMD": "true",
        }

    def start(self) -> None:
        if self._names is None:
            # The node would leave one behind.
            names = self.host.inside(shutil.which("epmd") or "epmd")
            self._names = subprocess.Popen(names, stdout=subprocess.DEVNULL)
        super().start()

    def ask(self, tool: str, *arguments: str) -> tuple[int, str]:
        """A command of RabbitMQ, given on the node's own host: its exit code and all it says."""
        done = subprocess.run(
            self.host.inside(str(_RABBITMQ / tool), "--node", self.name, "--longnames", *arguments),
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=_TOOL_SECONDS,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    def tell(self, tool: str, *arguments: str) -> str:
        """A command that has to succeed."""
        code, said = self.ask(tool, *arguments)
        assert code == 0, f"{tool} {' '.join(arguments)}: {said}"
        return said


class RabbitCluster:
    """The cluster."""

    def __init__(self, hosts: Sequence[Host], folder: Path) -> None:
        self.nodes = [
            RabbitNode(host, folder / f"rabbitmq-{number}") for number, host in enumerate(hosts)
        ]
        passwords = {name: self._password(name) for name in SERVICES}
        definitions = json.dumps(definitions_with(passwords, OPERATOR, PASSWORD))
        for node in self.nodes:
            node.configure(self.nodes, self._password("cookie"), definitions)

    def uri(self, user: str = OPERATOR) -> str:
        """All nodes, as one address."""
        password = PASSWORD if user == OPERATOR else self._password(user)
        hosts = ",".join(node.address for node in self.nodes)
        return f"amqp://{user}:{password.replace(' ', '%20')}@{hosts}/"

    def start_first(self) -> None:
        """Begin to start the node that the others join."""
        self.nodes[0].start()

    def form(self) -> None:
        """Start the others; they join the first."""
        self.nodes[0].await_listening()
        for node in self.nodes[1:]:
            node.start()
        self.await_whole()

    def leader_of(self, queue: str) -> RabbitNode:
        """The node through which all goes that is put into a quorum queue."""
        listed = self.nodes[0].tell(
            "rabbitmqctl", "--quiet", "--no-table-headers", "list_queues", "name", "leader"
        )
        leaders = dict(line.split("\t") for line in listed.splitlines() if "\t" in line)
        return next(node for node in self.nodes if node.name == leaders[queue])

    def await_whole(self) -> None:
        """Until every node sees all others, and clients reach it."""
        for node in self.nodes:
            node.await_listening()
        until(
            lambda: self.nodes[0].ask(
                "rabbitmqctl", "--quiet", "cluster_status", "--formatter=json"
            ),
            "a whole cluster",
            START_SECONDS,
            enough=lambda told: (
                told[0] == 0
                and len(json.loads(told[1])["running_nodes"]) == len(self.nodes)
                and not json.loads(told[1])["partitions"]
            ),
            every=0.5,
        )

    @staticmethod
    def _password(user: str) -> str:
        return hashlib.sha256(f"{PASSWORD} {user}".encode()).hexdigest()
