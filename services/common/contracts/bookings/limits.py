"""Limits that several schemas of bookings share, in characters."""

LONGEST_NAME = 100
LONGEST_REASON = 500
