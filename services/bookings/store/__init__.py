"""Documents, indexes and queries of bookings: the only place here that knows MongoDB.

One module for each aggregate.

========== ======================================================================================
collection document
========== ======================================================================================
centres    a centre with its weekly hours
spaces     a space
bookings   a booking with its claims and its history
========== ======================================================================================

Beside them stand the collections of ``services.common``: outbox, event_log, idempotency_keys,
leases, deadlines.
"""
