"""Documents, indexes and queries of bookings: the only place here that knows MongoDB.

One module for each aggregate; ``placing`` reads across several at once.

================= ========================================================================
Beside them stand the collections of ``services.common``: outbox, event_log, idempotency_keys,
leases, deadlines, inbox_events.
"""
