"""Histories: who changed what, when and why, from what to what.

===========  =====================================================================================
module       what it is for
===========  =====================================================================================
changes      the domain: one entry, and which facts differ
store        the entries of a branch, by what they are about and by who made them
steps        recording an entry in the transaction of the change
wire         the query of a list, and entries in wire form
===========  =====================================================================================

The schemas that cross the border are in ``services/common/contracts/history.py``. What a branch
needs, for anything that has a ``kind``, an ``id`` and a ``version``::

    history=HistoryStore(database)                                               # app.py
    record_change(app, call.caller, session, course, before.facts, after.facts)  # operations
    history_page(app.history.of(subject, after=…, limit=…), query.limit)         # service/

An aggregate that is always read with its history may hold the entries itself, as bookings do:
:func:`services.common.history.store.change_document` and
:func:`services.common.history.store.change_of`.
"""
