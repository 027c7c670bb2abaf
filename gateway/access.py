"""The access log: one JSON line a request, through our own logging, without secrets.

No query string and no header is written: either may hold what nobody else should read. The trace id
joins a line to the branch's own lines.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from gunicorn.glogging import Logger  # type: ignore[import-untyped]

from services.common import logs

_log = logs.get("gateway.access")


class AccessLogger(Logger):  # type: ignore[misc]
    """gunicorn's logger, with our access line and our handlers."""

    def setup(self, cfg: Any) -> None:
        """Leave handlers and formats to :mod:`services.common.logs`."""
        self.error_log.propagate = True
        self.access_log.propagate = True
        self.error_log.setLevel("INFO")

    def access(self, resp: Any, req: Any, environ: dict[str, Any], request_time: timedelta) -> None:
        """Write the line of one request."""
        _log.info(
            "http",
            method=environ.get("REQUEST_METHOD"),
            path=environ.get("masaha.path") or environ.get("PATH_INFO"),
            # What gunicorn itself refuses, such as a header sent twice, has the line alone.
            status=int(str(resp.status).split()[0]),
            milliseconds=round(request_time.total_seconds() * 1000, 1),
            bytes=getattr(resp, "sent", None),
            address=environ.get("REMOTE_ADDR"),
            caller=environ.get("masaha.caller"),
            trace_id=environ.get("masaha.trace_id"),
        )
