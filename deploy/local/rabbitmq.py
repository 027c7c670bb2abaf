"""A private RabbitMQ node: its own ports, data, cookie and name service; independent of the
system's installation.

The node is started from Debian's package by the script in its library folder. The programs on PATH
are wrappers that change the user and the cookie, so they are not used.
"""

from __future__ import annotations

import hashlib
import json
import re
import shlex
import shutil
from pathlib import Path
from urllib.parse import quote

from deploy.broker import SERVICES, TOPOLOGY, definitions_with
from deploy.local import packages
from deploy.local.problems import StackError
from deploy.local.settings import ROOT, Settings, write_private

NODE = "masaha@localhost"
USER = "masaha"
AMQP_PORT, DISTRIBUTION_PORT, NAME_SERVICE_PORT, FIGURES_PORT = 10, 11, 12, 15

EVENTS = "masaha.events"
"""The exchange of events, as `services.common.messaging.topology` declares it."""

_NOBODYS_KEY = "deploy.local.probe"
_PROBE_SECONDS = 0.001
_SECONDS = 3.0
_SERVER = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
_UNITS = ("rabbitmq-server.service", "epmd.service", "epmd.socket")

_CONFIGURATION = """\
listeners.tcp.local = 127.0.0.1:{port}
load_definitions = {definitions}
log.console = true
log.console.level = info
log.file = false
# One machine runs everything: a ceiling for the broker, and small write-ahead files of its queues.
vm_memory_high_watermark.absolute = 1GiB
disk_free_limit.absolute = 500MB
raft.wal_max_size_bytes = 32000000
# A client that has gone is noticed within two of these (seconds).
heartbeat = 20
# The depth of each queue, for Prometheus (deploy/observability); nothing else is collected.
prometheus.tcp.ip = 127.0.0.1
prometheus.tcp.port = {figures}
management_agent.disable_metrics_collector = true
"""


def uri(settings: Settings, user: str = USER) -> str:
    """Where clients reach the node, as the operator or as a service."""
    password = quote(_password(settings, user), safe="")
    return f"amqp://{user}:{password}@127.0.0.1:{settings.port(AMQP_PORT)}/"


def _password(settings: Settings, user: str) -> str:
    if user == USER:
        return settings.broker_password
    return hashlib.sha256(f"{settings.broker_password} {user}".encode()).hexdigest()


def installed() -> bool:
    """Whether Debian's package is there."""
    return _SERVER.exists()


def ensure_installed() -> None:
    """Install the server's package when it is missing; StackError says how when we may not."""
    if not installed():
        packages.install(["rabbitmq-server"], "RabbitMQ is missing", disable=_UNITS)
    if not installed():
        raise StackError(f"RabbitMQ's package is installed but {_SERVER} is not there.")


def prepare(settings: Settings) -> None:
    """Write the node's configuration; the shared topology gets this stack's users."""
    home = _home(settings)
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    passwords = {name: _password(settings, name) for name in SERVICES}
    definitions = definitions_with(passwords, USER, settings.broker_password)
    write_private(home / "definitions.json", json.dumps(definitions, indent=2))
    write_private(
        home / "rabbitmq.conf",
        _CONFIGURATION.format(
            port=settings.port(AMQP_PORT),
            figures=settings.port(FIGURES_PORT),
            definitions=home / "definitions.json",
        ),
    )
    write_private(home / "enabled_plugins", "[rabbitmq_prometheus].\n")
    write_private(home / "rabbitmq-env.conf", "")


def command() -> list[str]:
    """The node in the foreground."""
    return [str(_SERVER)]


def name_service_command(settings: Settings) -> list[str]:
    """Erlang's port mapper in the foreground: the node would otherwise leave one behind."""
    port = str(settings.port(NAME_SERVICE_PORT))
    return [shutil.which("epmd") or "epmd", "-address", "127.0.0.1", "-port", port]


def environment(settings: Settings) -> dict[str, str]:
    """The node's settings; `rabbitmqctl` of the same folder works with the same ones."""
    home = _home(settings)
    return {
        "HOME": str(home),
        "RABBITMQ_NODENAME": NODE,
        "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODE_PORT": str(settings.port(AMQP_PORT)),
        "RABBITMQ_DIST_PORT": str(settings.port(DISTRIBUTION_PORT)),
        "RABBITMQ_MNESIA_BASE": str(home / "data"),
        "RABBITMQ_LOG_BASE": str(home / "log"),
        "RABBITMQ_PID_FILE": str(home / "pid"),
        "RABBITMQ_CONFIG_FILE": str(home / "rabbitmq.conf"),
        "RABBITMQ_CONF_ENV_FILE": str(home / "rabbitmq-env.conf"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "enabled_plugins"),
        # Other nodes are never spoken to; without this the distribution listens on every address.
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "ERL_EPMD_PORT": str(settings.port(NAME_SERVICE_PORT)),
        # The script then becomes the node instead of its parent, so that signals, a kill -9
        # included, reach the node itself and the manager sees it die.
        "RUNNING_UNDER_SYSTEMD": "true",
    }


def why_away(uri: str) -> str | None:
    """Why a broker that runs elsewhere cannot be used, in one sentence with the address tried."""
    from kombu.exceptions import OperationalError  # noqa: PLC0415 - others work without it

    from services.common.config import masked  # noqa: PLC0415
    from services.common.messaging.connecting import (  # noqa: PLC0415
        connect_once,
        connection_to,
    )

    connection = connection_to(uri, connect_timeout=_SECONDS)
    port = connection.get_transport_cls().default_port
    hosts = uri.partition("://")[2].partition("/")[0].rpartition("@")[2].split(",")
    tried = ", ".join(host if re.search(r":\d+$", host) else f"{host}:{port}" for host in hosts)
    try:
        connect_once(connection)
    except (OSError, OperationalError, *connection.connection_errors) as error:
        return f"AMQP_URI is '{masked(uri)}': no broker lets us in at {tried} ({error})."
    finally:
        connection.release()
    return None


def what_it_lacks(uri: str) -> str | None:
    """What a broker that runs elsewhere has not got, and the command for it, in one sentence.

    Whether it keeps events that nobody subscribes to is the work of a policy, which no client may
    ask for: so it is given such an event, which is gone again after a moment.
    """
    from kombu import Exchange, Producer  # noqa: PLC0415 - others work without it
    from kombu.exceptions import OperationalError  # noqa: PLC0415

    from services.common.messaging.connecting import (  # noqa: PLC0415
        connect_once,
        connection_to,
    )

    if reason := why_away(uri):
        return reason
    connection = connection_to(
        uri, connect_timeout=_SECONDS, transport_options={"confirm_publish": True}
    )
    returned: list[object] = []
    try:
        connect_once(connection)
        channel = connection.channel()
        channel.events["basic_return"].add(lambda *message: returned.append(message))
        events = Exchange(EVENTS, "topic", durable=True)
        Producer(channel, events, auto_declare=True).publish(
            b"",
            routing_key=_NOBODYS_KEY,
            mandatory=True,
            expiration=_PROBE_SECONDS,
            timeout=_SECONDS,
        )
    except (OSError, OperationalError, *connection.connection_errors) as error:
        return f"The broker of AMQP_URI does not answer: {error}"
    finally:
        connection.release()
    if not returned:
        return None
    return (
        "The broker of AMQP_URI drops events that nobody subscribes to; have it keep them: "
        + _command_for(str(connection.virtual_host or "/"))
    )


def _command_for(virtual_host: str) -> str:
    """The command that loads the project's topology, to be given on the broker's machine."""
    path = TOPOLOGY.relative_to(ROOT)
    if virtual_host == "/":
        return f"rabbitmqctl import_definitions {path}"
    named = shlex.quote(f's|"/"|{json.dumps(virtual_host)}|g')
    return f"sed {named} {path} | rabbitmqctl import_definitions"


def _home(settings: Settings) -> Path:
    return settings.folder / "rabbitmq"
