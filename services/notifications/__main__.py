"""``python -m services.notifications service | worker``."""

from services.common.runtime import main

main("services.notifications")
