"""Libraries whose internals the gateway's HTTP processes override; see the common list."""

from __future__ import annotations

from services.common.internals import BROKER, Overridden

HTTP = (
    *BROKER,
    Overridden("gunicorn", "27.0.1", ("gateway/server/draining_worker.py",)),
    Overridden("gevent", "26.9.0", ("gateway/server/draining_worker.py",)),
    Overridden("flask-smorest", "0.47.0", ("gateway/web/openapi.py",)),
)
