"""How long a process may take to stop. A supervisor that sends SIGTERM and then SIGKILL uses this
number too.
"""

from __future__ import annotations

#: Seconds that started work may take to finish after SIGTERM, in services and in workers.
DRAIN_SECONDS = 25.0
#: Seconds that a container, or what is left of a process, may take to end after that.
END_SECONDS = 5.0
#: After so many seconds no work is left to finish, and the process has ended itself.
LONGEST_STOP_SECONDS = DRAIN_SECONDS + END_SECONDS
