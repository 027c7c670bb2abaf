"""A web application that takes its time: ``/0.5`` answers after half a second, ``/0?9`` with nine
lines.

It says on stderr that it has begun, and reads the body first, like any other; that of a PUT it does
not want. ``Impatient`` serves
it as the gateway is served, but waits less long for a body, or a first request, that does not come.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable
from typing import Any

from gateway.server.draining_worker import DrainingWorker


class Impatient(DrainingWorker):
    """Gives up a silent body, and a new connection, early, so that a test need not wait."""

    silence = 0.5
    patience = 1.0
    body_seconds = 1.5
    answer_seconds = 3.0


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    # A test sees by this line that the request is at work.
    print("begun", environ["PATH_INFO"], file=sys.stderr, flush=True)
    if environ["REQUEST_METHOD"] != "PUT":
        environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    # It takes its time on purpose, as it was asked to.
    time.sleep(float(environ["PATH_INFO"].lstrip("/") or 0))
    body = b"done\n" * int(environ["QUERY_STRING"] or 1)
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]
