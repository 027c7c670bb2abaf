"""Limits that several schemas of consultations share; lengths in characters."""

LONGEST_NAME = 100
LONGEST_TITLE = 120
LONGEST_REASON = 500
LONGEST_DESCRIPTION = 4_000
MOST_PEOPLE = 20
