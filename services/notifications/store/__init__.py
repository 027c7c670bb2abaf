"""Documents, indexes and queries of notifications: the only place here that knows MongoDB.

============= ===================================================================================
collection    document
============= ===================================================================================
early_events  when an event that waits for its organisation first came
notifications a message in a person's inbox
deliveries    a message that leaves the house, with its state, its trail, and when it is due
subjects      from which version of something on messages about it hold
============= ===================================================================================

Beside them stand the collections of ``services.common``: inbox_events, outbox, event_log, leases,
organisations, memberships, and people, among whom guests are for a while.
"""
