"""The gateway's listener closes over nobody: who is in line is taken, who was taken is answered."""

from __future__ import annotations

import socket
from types import SimpleNamespace
from typing import Any

from gevent.pool import Pool
from gevent.socket import socket as listening_socket

from gateway.server.draining_worker import DrainingServer, DrainingWorker


class Telling(DrainingWorker):
    """Answers at which door one has come in."""

    def __init__(self) -> None:
        self.cfg = SimpleNamespace(workers=1, bind=["127.0.0.1:0"])

    def handle(self, listener: Any, client: Any, addr: Any) -> None:
        client.sendall(client.recv(100) + b" at %d" % listener.getsockname()[1])


def a_listener() -> Any:
    listener = listening_socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    return listener


def test_whoever_is_in_line_when_the_listener_closes_is_answered() -> None:
    served, listener = Pool(10), a_listener()
    address = listener.getsockname()
    server = Telling().server_class(listener, spawn=served)
    server.start()
    # These are blocking sockets: nothing else of this thread, the server included, has a turn.
    phones = [socket.create_connection(address, 5) for _ in range(3)]
    for number, phone in enumerate(phones):
        phone.sendall(b"%d" % number)
    server.close()
    assert served.join(5)
    assert [phone.recv(100) for phone in phones] == [
        b"%d at %d" % (n, address[1]) for n in range(3)
    ]
    for phone in phones:
        phone.close()


def test_closing_twice_is_closing() -> None:
    server = DrainingServer(a_listener(), handle=lambda client, address: None)
    server.start()
    server.close()
    server.close()
    assert server.closed
