"""Libraries whose internals this project overrides, with the version in which they were read.

No library promises that its internals stay as they are. So a process that works with such a part
does not start with another version of its library. To take a new version, compare its internals
with those that the named modules rely on, run their tests, and change the version here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version


class UnknownVersion(Exception):
    """A library is installed in another version than the one whose internals are overridden."""


@dataclass(frozen=True, slots=True)
class Overridden:
    """One library.

    Attributes:
        library: its name as it is installed.
        version: the one that the lists of ``requirements/`` lock.
        modules: paths of those that override its internals, or use them.
    """

    library: str
    version: str
    modules: tuple[str, ...]


_MESSAGING = "services/common/messaging"

#: In every process: all speak to the broker.
BROKER = (
    Overridden(
        "amqp",
        "5.4.2",
        (
            f"{_MESSAGING}/connecting.py",
            f"{_MESSAGING}/headers.py",
            f"{_MESSAGING}/lenient_decoding.py",
            f"{_MESSAGING}/write_buffer.py",
            f"{_MESSAGING}/write_buffer_eventlet.py",
        ),
    ),
    Overridden("kombu", "5.7.0", (f"{_MESSAGING}/decoding.py",)),
)

#: In the service process of a branch, which runs in eventlet.
SERVICE = (
    *BROKER,
    Overridden(
        "nameko",
        "2.14.1",
        (
            "services/common/runtime/container.py",
            f"{_MESSAGING}/consumer.py",
            f"{_MESSAGING}/rpc.py",
        ),
    ),
    Overridden("eventlet", "0.41.3", (f"{_MESSAGING}/write_buffer_eventlet.py",)),
)


def check_versions(parts: Iterable[Overridden]) -> None:
    """Check what is installed.

    Raises:
        UnknownVersion: naming the library, both versions, and the modules to compare.
    """
    for part in parts:
        installed = version(part.library)
        if installed != part.version:
            raise UnknownVersion(
                f"{part.library} {installed} is installed, and these modules override internals of "
                f"{part.version}: {', '.join(part.modules)}. Install the locked requirements."
            )
