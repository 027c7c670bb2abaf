"""Trajectories: a million events taken in as they arrive, then made anew from the logs.

The logs of bookings, trainings and consultations are filled with what a network of organisations
does, half of it nothing that trajectories are made of. The events that are come to the projection
in another order, some twice. Then the command of the operator runs in a process of its own, as in
``python -m services.consultations rebuild``: over a tenth of the events first, so that its memory
can be compared. Its hash is compared with that of the projection.

``python -m tests.bench.trajectory`` runs it alone, on a database of its own;
``BENCH_TRAJECTORY_EVENTS`` says with how many events.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from services.common.clock import FixedClock, to_wire
from services.common.config import Settings
from services.common.events.envelope import CloudEvent
from services.common.events.event_log import COLLECTION, FIRST_HASH, chained
from services.common.ids import new_id
from services.common.links import Links
from services.common.storage.mongo import connect
from services.consultations.app import App, build
from services.consultations.commands import BRANCHES
from services.consultations.operations.loop_events import apply_loop_events
from tests.bench.alone import run_alone
from tests.support.bookings import NOW
from tests.support.figures import Figure

EVENTS = int(os.environ.get("BENCH_TRAJECTORY_EVENTS", "1000000"))
ORGANISATIONS = 400
BATCH = 500
_WRITTEN_AT_ONCE = 5_000
_REBUILD = """
import json
from pathlib import Path
from services.common.config import Settings
from services.consultations.commands import rebuild
lines = rebuild(Settings("amqp://unused", {uri!r}, database_prefix={prefix!r}))
# Not ru_maxrss, which holds what the parent had when it forked.
said = dict(each.split(":", 1) for each in Path("/proc/self/status").read_text().splitlines())
peak = int(said["VmHWM"].split()[0])
print(json.dumps({{"lines": lines, "peak": peak}}))
"""


class Network:
    """What organisations do, one event after another; the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.count = 0
        self.versions: dict[str, int] = {}
        self.began = datetime(2022, 1, 1, tzinfo=UTC)
        self.invented = (
            (self._application, 40),
            (self._other, 30),
            (self._invitation, 15),
            (self._counted, 8),
            (self._milestone, 5),
            (self._assessment, 2),
        )

    def events(self, number: int) -> Iterator[CloudEvent]:
        """The next events."""
        kinds = [make for make, _ in self.invented]
        weights = [weight for _, weight in self.invented]
        for make in self.chance.choices(kinds, weights, k=number):
            self.count += 1
            yield make()

    def _event(self, type: str, subject: str, **data: Any) -> CloudEvent:
        version = self.versions[subject] = self.versions.get(subject, 0) + 1
        return CloudEvent(
            id=f"e{self.count}",
            source=f"/masaha/{type.partition('.')[0]}",
            type=type,
            subject=subject,
            time=self.began + timedelta(minutes=3 * self.count % 2_600_000),
            dataschema=f"/schemas/{type}/1",
            data=data,
            aggregate_version=version,
            actor_kind="person",
        )

    def _organisation(self) -> str:
        return f"organisation-{self.chance.randrange(ORGANISATIONS)}"

    def _some(self, kind: str, of: int) -> str:
        """One of the things there are by now; mostly one of the newer ones."""
        return f"{kind}-{max(0, self.count // of - int(self.chance.expovariate(0.2)))}"

    def _application(self) -> CloudEvent:
        fact = self.chance.choice(("enrolled", "completed", "completed", "not_completed"))
        subject = self._some("application", 3)
        return self._event(
            f"trainings.application.{fact}",
            subject,
            application_id=subject,
            organisation_id=f"organisation-{hash_of(subject) % ORGANISATIONS}",
            topic_id="financial-management",
            status=fact,
        )

    def _other(self) -> CloudEvent:
        return self._event("bookings.booking.confirmed", self._some("booking", 8), title="x" * 60)

    def _invitation(self) -> CloudEvent:
        fact = self.chance.choice(("replied", "replied", "replied", "revoked"))
        meeting = self._some("meeting", 12)
        answer = {"answer": self.chance.choice(("yes", "no"))} if fact == "replied" else {}
        return self._event(
            f"bookings.invitation.{fact}",
            f"{meeting}-{self.chance.randrange(3)}",
            booking_id=meeting,
            invited_organisation_id=self._organisation(),
            **answer,
        )

    def _counted(self) -> CloudEvent:
        return self._event(
            "bookings.booking.counted",
            self._some("meeting", 12),
            organisation_id=self._organisation(),
            purpose="joint_meeting",
            starts_at=to_wire(self.began + timedelta(minutes=3 * self.count % 2_600_000)),
        )

    def _milestone(self) -> CloudEvent:
        fact = self.chance.choice(("reached", "reached", "reopened", "dropped"))
        case_id = self._some("case", 100)
        if self.chance.random() < 0.05:
            return self._event("consultations.case.gone", case_id, case_id=case_id)
        return self._event(
            f"consultations.milestone.{fact}",
            f"{case_id}-{self.chance.randrange(8)}",
            case_id=case_id,
            organisation_id=f"organisation-{hash_of(case_id) % ORGANISATIONS}",
            status=fact,
        )

    def _assessment(self) -> CloudEvent:
        fact = self.chance.choice(("agreed", "verified", "withdrawn"))
        mean = None if fact == "withdrawn" else self.chance.randrange(10_000, 40_001) / 10_000
        day = self.began + timedelta(minutes=3 * self.count % 2_600_000)
        return self._event(
            f"consultations.assessment.{fact}",
            self._some("assessment", 60),
            organisation_id=self._organisation(),
            instrument_id="capacity-1",
            status=fact,
            held_on=day.date().isoformat(),
            mean=mean,
        )


def hash_of(text: str) -> int:
    """A number that is the same in every process."""
    return int.from_bytes(text.encode()[-6:], "big")


class Logs:
    """The logs of the branches, written as their relays write them, published and confirmed."""

    def __init__(self, settings: Settings) -> None:
        self.databases = {branch: connect(settings, branch) for branch in BRANCHES}
        self.ends = dict.fromkeys(BRANCHES, (0, FIRST_HASH))

    def append(self, events: Sequence[CloudEvent]) -> None:
        for branch, database in self.databases.items():
            rows = []
            seq, digest = self.ends[branch]
            for each in events:
                if each.type.startswith(f"{branch}."):
                    seq += 1
                    event = each.numbered(seq)
                    digest = chained(digest, event)
                    rows.append({"_id": seq, "event": event.to_wire(), "hash": digest})
            self.ends[branch] = seq, digest
            if rows:
                database.collection(COLLECTION).insert_many(rows, ordered=False)

    def close(self) -> None:
        for database in self.databases.values():
            database.close()


def measure(
    mongo_uri: str, *, seed: int, events: int = EVENTS, say: Callable[[str], None] = print
) -> list[Figure]:
    """Take events in and make trajectories anew, on databases of their own.

    Raises:
        SystemExit: if the logs give anything else than the events gave.
    """
    prefix = f"path{new_id()[-8:]}"
    settings = Settings("amqp://unused", mongo_uri, database_prefix=prefix)
    app = build(settings, clock=FixedClock(NOW), links=Links("links of the benchmark"))
    logs = Logs(settings)
    network = Network(seed)
    try:
        tenth = _peak_of(_round(app, logs, network, events // 10, settings, say))
        made = _round(app, logs, network, events - events // 10, settings, say)
    finally:
        logs.close()
        for branch in BRANCHES:
            app.database.client.drop_database(settings.database(branch))
        app.close()
    return [
        Figure("consultations.trajectory.taken", made["taken"], "1/s"),
        Figure("consultations.trajectory.rebuilt", events / made["seconds"], "1/s"),
        Figure("consultations.trajectory.rebuild_memory", _peak_of(made), "MB", floor=tenth),
        Figure("consultations.trajectory.differing_hashes", 0.0, ""),
    ]


def _peak_of(made: dict[str, Any]) -> float:
    return float(made["peak"]) / 1024


def _round(
    app: App,
    logs: Logs,
    network: Network,
    number: int,
    settings: Settings,
    say: Callable[[str], None],
) -> dict[str, Any]:
    """Publish events, take them in, and make all anew."""
    chance = random.Random(number)
    seconds = 0.0
    left = number
    while left:
        events = list(network.events(min(left, _WRITTEN_AT_ONCE)))
        left -= len(events)
        logs.append(events)
        arriving = events + chance.sample(events, len(events) // 20)
        chance.shuffle(arriving)
        begin = time.perf_counter()
        for start in range(0, len(arriving), BATCH):
            apply_loop_events(app, arriving[start : start + BATCH])
        seconds += time.perf_counter() - begin
    facts, live = app.trajectory_facts.summarise()
    begin = time.perf_counter()
    made = _rebuild(settings)
    made |= {"seconds": time.perf_counter() - begin, "taken": number / seconds}
    say(
        f"  {network.count} events, {facts} facts: taken {made['taken']:.0f}/s, rebuilt in "
        f"{made['seconds']:.1f} s with {_peak_of(made):.0f} MB; {made['lines'][0]}"
    )
    if live not in made["lines"][0] or app.trajectory_facts.summarise() != (facts, live):
        raise SystemExit(f"The projection has {facts} facts, {live}; the logs: {made['lines']}")
    return made


def _rebuild(settings: Settings) -> dict[str, Any]:
    """What the command of the operator says, and the most memory that its process had, in KiB."""
    code = _REBUILD.format(uri=settings.mongo_uri, prefix=settings.database_prefix)
    ran = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "LINK_SECRET": "links-of-the-benchmark-0123456789abcdef"},
    )
    if ran.returncode != 0:
        raise SystemExit(f"The rebuild failed: {ran.stderr[-2000:]}")
    made: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return made


if __name__ == "__main__":
    run_alone(lambda uri, seed: measure(uri, seed=seed))
