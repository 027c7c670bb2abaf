"""What gunicorn logs: one JSON line a request, and its own troubles, without secrets.

No query string and no header is written: either may hold what nobody else should read. Nor is the
token of a secret link, or what names a case, which are in the path; a path that no route takes may
hold one too, so that is not left to the routes. The trace id joins a line to the branch's own
lines.
"""

from __future__ import annotations

import logging
import re
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

from gunicorn.glogging import Logger  # type: ignore[import-untyped]

from gateway.web.case_paths import without_cases
from services.common import logs

_log = logs.get("gateway.server.access_log")

# The holder of one of these links may answer for a guest, rate a consultation, or read a calendar.
_LINK = re.compile(
    r"(/+(?:v1/+)?(?:invitations|calendars|form-links|campaign-links|ratings)/+)"
    r"[^/?#\s'\"]+?(?=(?:\.ics)?(?:[/?#\s'\"]|$))",
    re.I,
)
_QUERY = re.compile(r"\?[^\s'\"]*")


def masked(path: str) -> str:
    """A path, or a text with one in it, without tokens of secret links, without what names a case,
    and without queries."""
    return without_cases(_LINK.sub(r"\1***", _QUERY.sub("", unquote(path))))


def _path_of(environ: dict[str, Any]) -> str:
    return environ.get("masaha.path") or environ.get("PATH_INFO") or ""


class _Masking(logging.Filter):
    """Masks what gunicorn says of requests; its other lines have nothing to mask."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = masked(record.getMessage()), None
        return True


_masking = _Masking()


class AccessLogger(Logger):  # type: ignore[misc]
    """gunicorn's logger, with our access line and our handlers."""

    def setup(self, cfg: Any) -> None:
        """Leave handlers and formats to :mod:`services.common.logs`."""
        self.error_log.propagate = True
        self.access_log.propagate = True
        self.error_log.setLevel("INFO")
        self.error_log.addFilter(_masking)

    def access(self, resp: Any, req: Any, environ: dict[str, Any], request_time: timedelta) -> None:
        """Write the line of one request."""
        _log.info(
            "http",
            method=environ.get("REQUEST_METHOD"),
            path=environ.get("masaha.route") or masked(_path_of(environ)),
            # What gunicorn itself refuses, such as a header sent twice, has the line alone.
            status=int(str(resp.status).split()[0]),
            milliseconds=round(request_time.total_seconds() * 1000, 1),
            bytes=getattr(resp, "sent", None),
            address=environ.get("REMOTE_ADDR"),
            caller=environ.get("masaha.caller"),
            trace_id=environ.get("masaha.trace_id"),
        )
