"""Limits that several schemas of trainings share; lengths in characters."""

LONGEST_NAME = 100
LONGEST_TITLE = 120
LONGEST_REASON = 500
LONGEST_SUMMARY = 2_000
LONGEST_PLACE = 200
MOST_HOURS = 500
MOST_SESSIONS = 60
MOST_SEATS = 500
#: Of one cohort, whatever became of them.
MOST_APPLICATIONS = 1_000
MOST_PREREQUISITES = 10
#: A timeline shows those of the last cohorts.
MOST_COHORTS_OF_TIMELINE = 200
#: Records with one name that are compared with each other, and groups of such records.
MOST_NAMESAKES = 20
MOST_NAMESAKE_GROUPS = 500
LONGEST_SESSION_HOURS = 12
#: From now to the start of a session, as closures and appointments have it.
MOST_DAYS_AHEAD = 366
