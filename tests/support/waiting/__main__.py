"""``python -m tests.support.waiting service``."""

from services.common.runtime import main

main("tests.support.waiting")
