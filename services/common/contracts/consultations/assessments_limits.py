"""Limits of assessments; lengths in characters."""

LONGEST_REMARK = 1_000
LONGEST_EVIDENCE = 1_000
LONGEST_REASON = 500
MOST_PEOPLE = 200
#: What an organisation says of a domain: how pressing it is, and how ready it is to work on it.
LEAST_WEIGHT = 1
MOST_WEIGHT = 4
#: Of the assessments that a trajectory or a comparison looks at, the newest.
MOST_ASSESSMENTS = 100
