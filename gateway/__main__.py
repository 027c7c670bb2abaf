"""Commands of this deployable: ``python -m gateway worker | seed PATH | republish``, and
``python -m gateway person export|disable|erase ID``.

The HTTP door itself is run by gunicorn: ``gunicorn -c gateway/gunicorn.conf.py gateway.wsgi:app``.
"""

import sys

from services.common.runtime import main

if __name__ == "__main__":
    if sys.argv[1:2] == ["person"]:
        from gateway import commands

        sys.exit(commands.main(sys.argv[2:]))
    main("gateway")
