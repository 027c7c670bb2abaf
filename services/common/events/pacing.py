"""How long a relay waits between two looks into its outbox.

While events come, a wait makes one transaction of several of them. A fixed wait is right for one
load only: long enough for a busy hour, it would hold up every event of a quiet one. So it follows
what a step takes, which says how busy the machine is: a relay whose steps take long rests for as
long as it works (ADR 0017).
"""

from __future__ import annotations

# While events come it waits so long at least.
LINGER_SECONDS = 0.02
# An outbox in which nothing has come for a second is looked into so often.
LONGEST_QUIET_SECONDS = 0.05
# And however long its steps take, an event waits no longer for others than this.
LONGEST_REST_SECONDS = 0.1

_QUIET_PART = 1 / 20
# Of what a step takes, how much of the last one is in it: one that was held up says little.
_NEWEST_PART = 0.2


class Pacing:
    """Says when to look again.

    Args:
        linger: seconds between two looks while events come, at the least.
        now: on the monotonic clock.
    """

    def __init__(self, linger: float, now: float) -> None:
        self._linger = linger
        self._moved_at = now
        self._usual: float | None = None

    def after(self, moved: int, *, full: bool, began: float, ended: float) -> float:
        """Seconds to wait after a step.

        Args:
            moved: how many events it moved.
            full: whether it moved as many as a step can: then more may be there already, and
                nothing is to be had by waiting.
            began, ended: on the monotonic clock.
        """
        if not moved:
            quiet = ended - self._moved_at
            return max(self._linger, min(quiet * _QUIET_PART, LONGEST_QUIET_SECONDS))
        self._moved_at = ended
        took = ended - began
        usual = took if self._usual is None else self._usual
        self._usual = usual + (took - usual) * _NEWEST_PART
        return 0.0 if full else max(self._linger, min(self._usual, LONGEST_REST_SECONDS))
