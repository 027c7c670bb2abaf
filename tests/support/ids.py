"""Ids for tests that look at the order in which things were written."""

from __future__ import annotations

import itertools
import uuid

from services.common.ids import NewId, new_id


def in_order() -> NewId:
    """Makes ids; each sorts after the one before.

    Those of the product do so by the millisecond only, which two events of one transaction may
    share.
    """
    following = itertools.count(uuid.UUID(new_id()).int)
    return lambda: str(uuid.UUID(int=next(following)))
