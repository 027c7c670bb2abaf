"""Limits that several schemas of bookings share, in characters.

Below all of them, so that none imports another for a number.
"""

LONGEST_NAME = 100
LONGEST_REASON = 500
