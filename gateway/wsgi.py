"""What gunicorn serves: ``gateway.wsgi:app``. Imported in each worker process, after the fork."""

from __future__ import annotations

from gateway import settings as gateway_settings
from gateway.app import build, create_app
from services.common import logs

_settings = gateway_settings.load()
logs.configure(_settings.common, "gateway.web.middleware")
gateway = build(_settings)
app = create_app(gateway)
gateway.start()
