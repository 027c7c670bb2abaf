"""The users of the broker and their rights, for every way of deploying (ADR 0024).

Each service has a user of its own; the broker takes no message in another's name. The operator has
a user with all rights. Standard library only: it is read before anything is installed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TOPOLOGY = Path(__file__).parent / "rabbitmq" / "definitions.json"
SEALED_NEWS = "masaha.sealed"
"""The exchange of news for one recipient each: one service writes there, and one reads."""


@dataclass(frozen=True)
class Rights:
    """What a service's user may do: regular expressions over names, and over routing keys."""

    configure: str
    write: str
    read: str
    topics: Mapping[str, tuple[str, str]]
    """For each exchange, what may be written and what may be read."""


def _rights(service: str, reads: str, states: str, news: tuple[str, str] | None = None) -> Rights:
    """The rights of a service.

    Args:
        reads, states: keys of the events and the states that it may know.
        news: keys of the sealed news that it may write and read; without them the exchange is
            closed to it.
    """
    own = rf"{service}\..+|rpc-{service}(\.parked)?"
    if news is not None:
        own += r"|masaha\.sealed"
    common = r"masaha\.(events|states|dead-letter|delay\..+)|nameko-rpc"
    return Rights(
        configure=f"^({own}|{common})$",
        # The default exchange is the way of answers and of what is parked.
        write=rf"^({own}|{common}|amq\.default)$",
        read=f"^({own}|{common})$",
        topics={
            "masaha.events": (rf"^{service}\.", reads),
            "masaha.states": (rf"^{service}\.", states),
            # Answers have keys without a dot, calls have one: it takes calls, and makes none.
            "nameko-rpc": (r"^[^.]+$", rf"^{service}\."),
            **({} if news is None else {SEALED_NEWS: news}),
        },
    )


SERVICES: Mapping[str, Rights] = {
    "bookings": _rights(
        "bookings",
        r"^(identity\.(organisation\.|person\.erased$)|\*\.room\.(requested|released)$)",
        r"^identity\.erasure\.",
    ),
    # They request rooms of bookings, and are answered; assessments rank applicants.
    "trainings": _rights(
        "trainings",
        r"^(identity\.(organisation\.|membership\.|person\.erased$)|bookings\.room\."
        r"|consultations\.assessment\.)",
        r"^identity\.(person\.details$|erasure\.)",
    ),
    # Trajectories and recommendations are made of events of all branches.
    "consultations": _rights(
        "consultations",
        r"^(identity\.(organisation\.|membership\.|person\.erased$)"
        r"|bookings\.(booking\.counted$|centre\.hours_changed$|closure\.|invitation\.|room\.)"
        r"|trainings\.(application|assignment)\.|consultations\.(assessment|campaign|case|milestone)\.)",
        r"^identity\.(person\.details$|erasure\.)",
        news=(r"^consultations\.news\.", "^$"),
    ),
    "notifications": _rights(
        "notifications",
        r"^(identity|bookings|trainings|consultations\.(assessment|campaign_request"
        r"|offer|recommendation|task))\.",
        r"^(identity|bookings)\.",
        news=("^$", r"^consultations\.news\."),
    ),
    "gateway": Rights(
        configure=r"^(amq\.gen.*|masaha\.(events|states)|nameko-rpc)$",
        write=r"^(amq\.gen.*|masaha\.(events|states)|nameko-rpc)$",
        read=r"^(amq\.gen.*|masaha\.events)$",
        topics={
            "masaha.events": (r"^identity\.", r"^identity\.access\."),
            "masaha.states": (r"^identity\.", "^$"),
            "nameko-rpc": (".*", "^$"),
        },
    ),
}
"""Each service has a user of its own. The broker takes no message in another's name."""


def definitions_with(passwords: Mapping[str, str], operator: str, password: str) -> dict[str, Any]:
    """The project's topology with its users, as RabbitMQ imports it.

    Args:
        passwords: by service; each of :data:`SERVICES`.
        operator, password: the user that has all rights.
    """
    definitions: dict[str, Any] = json.loads(TOPOLOGY.read_text(encoding="utf-8"))
    virtual_host = definitions["vhosts"][0]["name"]
    everything = {"configure": ".*", "write": ".*", "read": ".*"}
    definitions["users"] = [{"name": operator, "password": password, "tags": "administrator"}]
    definitions["permissions"] = [{"user": operator, "vhost": virtual_host, **everything}]
    definitions["topic_permissions"] = []
    for name, rights in SERVICES.items():
        who = {"user": name, "vhost": virtual_host}
        definitions["users"].append({"name": name, "password": passwords[name], "tags": ""})
        definitions["permissions"].append(
            {
                **who,
                "configure": rights.configure,
                "write": rights.write,
                "read": rights.read,
            }
        )
        definitions["topic_permissions"] += [
            {**who, "exchange": exchange, "write": write, "read": read}
            for exchange, (write, read) in rights.topics.items()
        ]
    return definitions
