"""Which cases a caller may know of: one query, for lists, counts and single cases alike."""

from __future__ import annotations

from datetime import datetime

from services.common.context import Caller
from services.common.directory.people import ADVISER
from services.common.storage.mongo import Document

#: Names no document.
NOTHING: Document = {"_id": {"$in": []}}


def visible_to(caller: Caller, now: datetime) -> Document:
    """The query for the cases that the caller may know of.

    Of a sealed case only its people know, and managers with a break-glass grant that holds. An open
    one is seen by its people, by members of the
    organisation, by the front desk of its centre, and by managers. One of its people is an adviser
    or belongs to the organisation still: who has left it, or has the role no more, is not.
    """
    if caller.kind != "person":
        return NOTHING
    on_it: Document = {"people": caller.id}
    if ADVISER not in caller.roles:
        own = sorted({*caller.organisations, *caller.not_approved})
        on_it["organisation_id"] = {"$in": own}
    ways: list[Document] = [on_it]
    if caller.is_manager():
        granted = {"person_id": caller.id, "until": {"$gt": now}}
        ways += [{"sealed": False}, {"grants": {"$elemMatch": granted}}]
    else:
        if caller.organisations:
            mine = sorted(caller.organisations)
            ways.append({"sealed": False, "organisation_id": {"$in": mine}})
        if caller.desks:
            ways.append({"sealed": False, "centre_id": {"$in": sorted(caller.desks)}})
    return {"$or": ways}
