"""Clients that announce a body and never send it:
``python -m tests.containers.slow_bodies HOST PORT COUNT ADDRESS...``

The connections are shared out among the addresses that they come from. Prints how many the door
holds when all have sent their head, and keeps them until its standard input ends.
"""

from __future__ import annotations

import select
import socket
import ssl
import sys
from itertools import cycle, islice

_HEAD = (
    b"POST /v1/auth/token HTTP/1.1\r\nHost: localhost\r\n"
    b"Content-Type: application/json\r\nContent-Length: 100000\r\n\r\n"
)
_ANSWER_SECONDS = 2.0


def main(host: str, port: int, count: int, addresses: list[str]) -> None:
    """Open the connections, say how many are held, and keep them."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    opened = []
    for address in islice(cycle(addresses), count):
        plain = socket.create_connection((host, port), timeout=10, source_address=(address, 0))
        connection = context.wrap_socket(plain)
        connection.sendall(_HEAD)
        opened.append(connection)
    # One that is refused is answered at once; one that is held is silent.
    answered, _, _ = select.select(opened[-1:], [], [], _ANSWER_SECONDS)
    answered, _, _ = select.select(opened, [], [], 0)
    refused = [each for each in answered if each.recv(64).startswith(b"HTTP/1.1 429")]
    print(len(opened) - len(refused), flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:])
