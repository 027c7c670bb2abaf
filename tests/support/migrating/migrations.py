"""Places had one name, and have one for each language now. Old processes still read the one."""

from services.common.storage.migrations import Beat, Migration, rewrite
from services.common.storage.mongo import Database
from services.common.version import DATA_VERSION

OLD_FORM = {"names": {"$exists": False}}


def give_names(database: Database, beat: Beat) -> int:
    """Each document gets its name as the Arabic one of several."""
    change = [{"$set": {"names": {"ar": "$name"}}}]
    return rewrite(database.collection("places"), OLD_FORM, change, beat)


MIGRATIONS = (Migration("places.names", DATA_VERSION, give_names),)
