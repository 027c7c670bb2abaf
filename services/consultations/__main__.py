"""Commands: ``python -m services.consultations service | worker | seed PATH``."""

from services.common.runtime import main

if __name__ == "__main__":
    main("services.consultations")
