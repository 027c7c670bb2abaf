"""The limits of needs studies and their campaigns."""

from __future__ import annotations

from datetime import timedelta

LONGEST_TITLE = 200
LONGEST_REASON = 500
#: Fields of need that a study ranks.
MOST_NEEDS = 30
#: Answers to one campaign: closing reads all of them in one transaction.
MOST_ANSWERS = 5_000
#: Centres of one campaign.
MOST_CENTRES = 20
#: The number or mark on a sheet of paper.
LONGEST_SHEET = 40
#: How long a campaign takes answers.
LONGEST_CAMPAIGN = timedelta(days=366)
#: How much later what was answered on paper is entered.
PAPER_COMES_LATER = timedelta(days=30)
#: Of a request that brings the questions of a study, in bytes.
LARGEST_STUDY = 512 * 1024
