"""``python -m tests.support.naive.notifications service``"""

from services.common.runtime import main

main("tests.support.naive.notifications")
