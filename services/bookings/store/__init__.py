"""Documents, indexes and queries of bookings: the only place here that knows MongoDB.

One module for each aggregate; ``placing`` reads across several at once.

================= ===============================================================================
collection        document
================= ===============================================================================
centres           a centre with its hours, seasons and exceptions
spaces            a space, with hours of its own if it has any
bookings          a booking with its claims and history; and the blocks by which closures take slots
                  and the fences that these leave for a day
closures          a closure
equipment         a kind of equipment and how many of it a centre has
organisations     what the gateway has told of an organisation
catalogue_history what was changed of spaces and equipment, and by whom
================= ===============================================================================

Beside them stand the collections of ``services.common``: outbox, event_log, idempotency_keys,
leases, deadlines, inbox_events.
"""
