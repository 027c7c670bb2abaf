"""The scale of instruments, and the limits of their size; lengths in characters."""

LOWEST = 1
HIGHEST = 4
MOST_DOMAINS = 20
MOST_ITEMS = 30
MOST_BANDS = 10
MOST_SOURCES = 20
MOST_TOPICS = 5
MOST_LINKS = 600
MOST_EDITIONS = 50
LONGEST_NAME = 200
LONGEST_PURPOSE = 2_000
LONGEST_STATEMENT = 400
LONGEST_ANCHOR = 600
LONGEST_SOURCE = 300
#: Of a request that brings an edition, in bytes: a seeded one has about 90 kB.
LONGEST_BODY = 512 * 1024
