"""Which cases a caller may know of: one query, for lists, counts and single cases alike."""

from __future__ import annotations

from datetime import datetime

from services.common.context import Caller
from services.common.directory.people import ADVISER
from services.common.storage.mongo import Document

#: Names no document.
NOTHING: Document = {"_id": {"$in": []}}


def own_of(caller: Caller) -> Document:
    """The query for the cases whose people the caller is one of now: an adviser of them, or a
    person of their organisation. A case names people who have since left; they are not on it.

    ``domain/permissions.py`` has the same for one case.
    """
    if caller.kind != "person":
        return NOTHING
    own = sorted({*caller.organisations, *caller.not_approved})
    ways: list[Document] = [{"organisation_id": {"$in": own}}]
    if ADVISER in caller.roles:
        ways += [
            {"adviser_ids": caller.id},
            {"opened_by": caller.id, "requester_id": {"$ne": caller.id}},
        ]
    return {"people": caller.id, "$or": ways}


def visible_to(caller: Caller, now: datetime) -> Document:
    """The query for the cases that the caller may know of.

    Of a sealed case only its people know, and managers with a break-glass grant that holds. An open
    one is seen by its people, by members of the organisation, by the front desk of its
    centre, and by managers. Who is one of its people says :func:`own_of`.
    """
    if caller.kind != "person":
        return NOTHING
    ways: list[Document] = [own_of(caller)]
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
