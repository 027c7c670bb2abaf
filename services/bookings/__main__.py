"""Commands: ``python -m services.bookings service | worker | seed PATH | audit | republish``."""

from services.common.runtime import main

if __name__ == "__main__":
    main("services.bookings")
