"""Limits of recommendations."""

LONGEST_REASON = 500
#: Of one assessment or study: the first of the ranking.
MOST_RECOMMENDATIONS = 20
#: Below it a gap is none: 3 of 4 levels are reached.
LEAST_GAP_HUNDREDTHS = 34
