"""Commands of this deployable: ``python -m gateway worker | seed PATH | republish``.

The HTTP door itself is run by gunicorn: ``gunicorn -c gateway/gunicorn.conf.py gateway.wsgi:app``.
"""

from services.common.runtime import main

if __name__ == "__main__":
    main("gateway")
