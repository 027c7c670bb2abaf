"""``python -m tests.support.chores worker``."""

from services.common.runtime import main

main("tests.support.chores")
