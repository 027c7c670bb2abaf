"""What gunicorn serves: ``gateway.wsgi:app``. Imported in each worker process, after the fork."""

from __future__ import annotations

import sys

from gateway import settings as gateway_settings
from gateway.app import build, create_app
from services.common import errors, logs, spans
from services.common.config import WrongSetting
from services.common.storage.migrations import UnknownData, check_data_version
from services.common.storage.mongo import time_limit

#: With this exit code of a worker gunicorn starts no other one, and ends.
_FAILED_TO_BOOT = 3

_settings = gateway_settings.load()
logs.configure(_settings.common, "gateway.web.middleware")
try:
    spans.configure("gateway")
except WrongSetting as error:
    sys.stderr.write(f"{error}\n")
    sys.exit(_FAILED_TO_BOOT)
gateway = build(_settings)
app = create_app(gateway)
try:
    with time_limit(1.0):
        check_data_version(gateway.database)
except errors.Unavailable:
    pass  # The worker of the gateway asks again when the database is there.
except UnknownData as error:
    sys.stderr.write(f"{error}\n")
    sys.exit(_FAILED_TO_BOOT)
gateway.start()
