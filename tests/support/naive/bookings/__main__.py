"""``python -m tests.support.naive.bookings service``"""

from services.common.runtime import main

main("tests.support.naive.bookings")
