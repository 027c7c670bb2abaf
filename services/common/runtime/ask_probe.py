"""Whether this machine's process lives, for a container's health check:
``python -m services.common.runtime.ask_probe healthz|readyz``.

The port is ``PROBE_PORT``, or the one given as the second argument. Exit code 0: yes; 1: no, with
the reason on standard error.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from http.client import HTTPConnection, HTTPException

_SECONDS = 4.0


def main(arguments: Sequence[str]) -> int:
    """Ask, and return the exit code."""
    page = arguments[0] if arguments else "healthz"
    port = int(arguments[1] if len(arguments) > 1 else os.environ.get("PROBE_PORT", "0"))
    connection = HTTPConnection("127.0.0.1", port, timeout=_SECONDS)
    try:
        connection.request("GET", f"/{page}")
        answer = connection.getresponse()
        body = answer.read(2000)
    except (OSError, HTTPException) as error:
        sys.stderr.write(f"no answer from port {port}: {error}\n")
        return 1
    finally:
        connection.close()
    if answer.status == 200:
        return 0
    sys.stderr.write(f"{answer.status} {body.decode(errors='replace')}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
