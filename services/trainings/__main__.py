"""Commands: ``python -m services.trainings service | worker | seed PATH | audit``."""

from services.common.runtime import main

if __name__ == "__main__":
    main("services.trainings")
