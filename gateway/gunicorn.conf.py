# ruff: noqa: N999 - the name that gunicorn itself looks for
"""How gunicorn serves the gateway: ``gunicorn -c gateway/gunicorn.conf.py gateway.wsgi:app``.

One process by default: its greenlets share one connection to the broker. More processes
(WEB_CONCURRENCY) share nothing, and their limits and metrics count per process.
"""

import resource
import sys

from gateway import settings
from gateway.server.internals import HTTP
from services.common import config as common_config
from services.common import logs, spans
from services.common.internals import UnknownVersion, check_versions

try:
    with common_config.reading() as _env:
        bind = settings.bind(_env)
        workers = settings.processes(_env)
except common_config.WrongSetting as _error:
    sys.exit(str(_error))

worker_class = "gateway.server.draining_worker.DrainingWorker"
# One more, and the connection that has waited longest for its client makes room for it.
worker_connections = 1000
# Longer than the longest call to a branch: what is not done by then waits for its own client.
graceful_timeout = 10
timeout = 60
keepalive = 75
# Connections and threads belong to the worker that uses them.
preload_app = False
# A socket in the home folder would be shared by every checkout on the machine.
control_socket_disable = True
limit_request_line = 8190
limit_request_fields = 60
# A proxy may say by these where the application is mounted. Ours is at the root; a caller on this
# machine that sent one got a fault on our side.
forwarder_headers = ""
logger_class = "gateway.server.access_log.AccessLogger"


def on_starting(_server: object) -> None:
    """Refuse libraries and settings that no worker can work with, log the master's own lines as
    ours, and let each connection have its file."""
    try:
        check_versions(HTTP)
        settings.check_settings()
    except (UnknownVersion, common_config.WrongSetting) as error:
        sys.exit(str(error))
    logs.configure(common_config.load(), "gateway.web.middleware")
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def worker_exit(_server: object, _worker: object) -> None:
    """Close the connections to the broker and the database."""
    # Only a worker has loaded it, and none that failed to.
    if "gateway.wsgi" in sys.modules:
        sys.modules["gateway.wsgi"].gateway.close()
    spans.shut_down()
