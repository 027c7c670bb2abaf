"""``python -m tests.support.migrating migrate``, or ``stuck``: it stops after two batches, and its
lease holds for two seconds more."""

import sys
import threading
from datetime import timedelta
from itertools import count

from services.common import config
from services.common.runtime import main
from services.common.storage.migrations import Beat, Migration, run_migrations
from services.common.storage.mongo import Database, connect
from tests.support.migrating.migrations import MIGRATIONS

LEASE = timedelta(seconds=2)


def stuck_after(batches: int, migration: Migration) -> Migration:
    """The same migration, which goes on for so many batches and no further."""

    def migrate(database: Database, beat: Beat) -> int:
        begun = count(1)

        def stop() -> None:
            beat()
            if next(begun) > batches:
                threading.Event().wait()

        return migration.migrate(database, stop)

    return Migration(migration.name, migration.data_version, migrate)


if sys.argv[1:] == ["stuck"]:
    run_migrations(
        connect(config.load(), "migrating"),
        [stuck_after(2, each) for each in MIGRATIONS],
        lease=LEASE,
    )
main("tests.support.migrating")
