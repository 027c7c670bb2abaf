"""``python -m tests.support.requester service | worker``."""

from services.common.runtime import main

main("tests.support.requester")
