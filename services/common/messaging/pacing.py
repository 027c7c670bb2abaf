"""How long a relay waits between two looks into its outbox.

While events come, a wait makes one transaction of several of them. A fixed wait is right for one
load only: long enough for a busy hour, it would hold up every event of a quiet one. So it follows
what a step takes, which says how busy the machine is, and grows faster than that: at ease the
shortest wait is enough; under a load that uses all of the machine, each transaction that events
share is worth waiting for (ADR 0017).
"""

from __future__ import annotations

# While events come it waits so long at least.
LINGER_SECONDS = 0.02
# An outbox in which nothing has come for a second is looked into so often.
LONGEST_QUIET_SECONDS = 0.05
# And however long its steps take, an event waits no longer for others than this.
LONGEST_REST_SECONDS = 0.1

_QUIET_PART = 1 / 20
# Where steps take twice as long as this, a relay rests for twice as long as it works; where they
# take three times as long, for three times. Below it the linger holds.
_BALANCED_SECONDS = 0.015
# How much of the last step is in what one usually takes; and how many times as long as usual it may
# have taken to be believed: a step that was held up says nothing about the next.
_NEWEST_PART = 0.2
_BELIEVED = 4.0
# How busy the machine was before such a pause says nothing about now.
_FORGOTTEN_AFTER_SECONDS = 0.5


class Pacing:
    """Says when to look again.

    Args:
        linger: seconds between two looks while events come, at the least.
        now: on the monotonic clock.
    """

    def __init__(self, linger: float, now: float) -> None:
        self._linger = linger
        self._moved_at = now
        self._usual = 0.0

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
            if quiet > _FORGOTTEN_AFTER_SECONDS:
                self._usual = 0.0
            return max(self._linger, min(quiet * _QUIET_PART, LONGEST_QUIET_SECONDS))
        self._moved_at = ended
        took = ended - began
        believed = min(took, max(self._usual * _BELIEVED, _BALANCED_SECONDS))
        self._usual += (believed - self._usual) * _NEWEST_PART
        rest = self._usual * self._usual / _BALANCED_SECONDS
        return 0.0 if full else max(self._linger, min(rest, LONGEST_REST_SECONDS))
