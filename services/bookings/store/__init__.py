"""Documents, indexes and queries of bookings: the only place here that knows MongoDB.

One module for each aggregate; ``booking_context`` reads across several at once.

================== ==============================================================================
collection         document
================== ==============================================================================
centres            a centre with its hours, seasons and exceptions
spaces             a space, with hours of its own if it has any
bookings           a booking with its claims and history; and the blocks by which closures take
                   slots and the fences that these leave for a day
booking_series     a series with its rule, and the occurrences that could not be had
waitlist_entries   who waits for time, and what they are offered
closures           a closure
equipment          a kind of equipment and how many of it a centre has
invitations        who is invited to a joint meeting, and what they answered
guest_lists        how many people have accepted for a joint meeting
guest_mail_counts  what was sent to addresses that people chose, while it limits them
budgets            the limits of an organisation
budget_weeks       what an organisation has used in a week
budget_grants      what an organisation was granted beyond its limits
conduct            what is counted of an organisation's manners
calendars          a calendar feed with its secret link
calendar_owners    how many feeds a person has
room_requests      what was decided about a request of another branch for rooms
door_code_attempts wrong door codes, counted for a while
history            what was changed of spaces and equipment, and by whom
================== ==============================================================================

Beside them stand the collections of ``services.common``: outbox, event_log, idempotency_keys,
leases, deadlines, inbox_events, organisations.
"""
