"""``python -m tests.support.echo service``."""

from services.common.runtime import main

main("tests.support.echo")
