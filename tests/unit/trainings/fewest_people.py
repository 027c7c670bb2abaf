"""What the tests hold the floors against: every set of people that could come is tried."""

from __future__ import annotations

from functools import cache
from itertools import combinations_with_replacement


@cache
def fewest_people(missing_women: int, missing_of_centres: tuple[int, ...]) -> int:
    """The size of the smallest set of people who meet all floors.

    Args:
        missing_of_centres: people missing from each centre that has a floor.
    """
    kinds = [(woman, centre) for woman in (0, 1) for centre in range(-1, len(missing_of_centres))]
    size = 0
    while True:
        for people in combinations_with_replacement(kinds, size):
            women = sum(woman for woman, _ in people)
            centres = [centre for _, centre in people]
            if women >= missing_women and all(
                centres.count(centre) >= missing
                for centre, missing in enumerate(missing_of_centres)
            ):
                return size
        size += 1
