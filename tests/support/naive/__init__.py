"""A build that does everything wrong that Masaha does right, to show that the checker sees it.

Its bookings look before they write instead of letting the database refuse, keep no keys, and commit
before they dispatch. Its notifications are a bare nameko event handler without an inbox. Both are
as people write them from the tutorial; only the *moments* are added, at which a test lets the worst
happen.
"""
