"""Under a stream of requests every process is killed in turn, and no promise is broken.

make faults                      as long as FAULTS_ROUNDS says (1)
FAULTS_ROUNDS=5 make faults      longer: every process five times, in new orders
FAULTS_SEED=7 make faults        the same clients and the same order again
"""

from __future__ import annotations

import json
import os
import random
import shutil
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from deploy.local import people
from deploy.local.people import Person
from deploy.local.settings import ROOT
from services.common.context import Caller
from services.common.messaging.publisher import ConfirmingPublisher, Message
from tests.faults import injuries, poison
from tests.faults.doors import Door, HttpDoor
from tests.faults.evidence import Witness
from tests.faults.injuries import Injury
from tests.faults.seats import Nominator, open_cohorts
from tests.faults.workload import Client, Shared, Workload, slots
from tests.support import checker, figures, ledger
from tests.support.figures import Figure
from tests.support.ledger import OK, Ledger
from tests.support.stack import Stack

pytestmark = pytest.mark.alone

ROUNDS = int(os.environ.get("FAULTS_ROUNDS", "0"))
SEED = int(os.environ.get("FAULTS_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)

PER_SECOND = 3.0
BETWEEN = 25  # requests answered between two faults
REPLAYED = 20  # events published once more after each fault
RECOVERY_SECONDS = 90.0
# A mail whose sender died waits for its lease (60 s) and a pause; an event that found no database
# for the delays of 5 s and 30 s.
QUIET_SECONDS = 150.0
SHOWN = 20
# Most people belong to small organisations, so that mail does not become the whole work.
CLIENTS = ("member-other", "member-tabqa", "member-other", "member-tabqa", "representative")
NOMINATORS = ("representative", "member-other")
NOMINATIONS_PER_SECOND = 1.0
RESULTS = ROOT / ".local" / "faults.json"
KEPT = ROOT / ".local" / "faults-failed"  # ledger and logs of the last run that failed


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A whole system of this test's own: what is done to it would disturb any other test."""
    whole = Stack(tmp_path_factory.mktemp("faults"), environ={"MAIL_PER_SECOND": "1000"})
    whole.up()
    yield whole
    whole.down()


class Run:
    """One run: the clients, the ledger, the witness, and what was measured."""

    def __init__(self, stack: Stack, folder: Path) -> None:
        self.stack = stack
        self.chance = random.Random(SEED)
        self.ledger = Ledger(folder / "ledger.jsonl")
        self.witness = Witness(stack)
        seed = json.loads((ROOT / "deploy" / "seed" / "spaces.json").read_text("utf-8"))
        self.shared = Shared(slots(seed, self.chance, datetime.now(UTC)))
        persons = [people.person(name) for name in (*CLIENTS, "member-other")]
        url = stack.gateway_url
        doors = [(person, HttpDoor(url, person), HttpDoor(url, person)) for person in persons]
        self.workload = self._workload(doors[:-1], SEED)
        # A client of the test's own, which asks when the test does: has the system recovered?
        self.canary: Client = self._workload(doors[-1:], SEED + 1).clients[0]
        self.nominations = Ledger(folder / "nominations.jsonl")
        cohorts = open_cohorts(HttpDoor(url, people.person("frontdesk-raqqa")))
        self.nominators = [
            Nominator(
                person,
                HttpDoor(url, person),
                cohorts,
                self.nominations,
                seed=f"{SEED}/{name}",
                per_second=NOMINATIONS_PER_SECOND,
            )
            for name in NOMINATORS
            for person in [people.person(name)]
        ]
        self.recoveries: dict[str, list[float]] = {}
        self.replayed = 0

    def _workload(self, doors: Sequence[tuple[Person, Door, Door]], seed: int) -> Workload:
        return Workload(doors, self.shared, self.ledger, seed=seed, per_second=PER_SECOND)

    def whole_path(self) -> None:
        """A booking is acknowledged, and its news arrives in an inbox."""
        done = self.canary.create(self.shared.fresh(undisputed=True), walk_away=False)
        assert done.outcome == OK, f"the whole path does not work: {done}"
        assert done.booking_id and done.version
        self.witness.await_told(done.booking_id, done.version, RECOVERY_SECONDS)

    def hurt(self, injury: Injury) -> None:
        """One fault, the time until the whole path works again, and some work after it."""
        begun = time.monotonic()
        injury.inflict(self.stack)
        self.whole_path()
        took = time.monotonic() - begun
        self.recoveries.setdefault(injury.name, []).append(took)
        print(
            f"  {injury.how:<12} {injury.process:<22} works again after {took:5.1f} s", flush=True
        )
        self.replay()
        self.workload.await_settled(BETWEEN, RECOVERY_SECONDS)

    def replay(self) -> None:
        """Publish the latest events again, as a relay does that died before it noted them sent."""
        events = self.witness.latest_events(REPLAYED)
        with ConfirmingPublisher(self.stack.amqp_uri) as publisher:
            left = publisher.publish_many(
                [Message(event.id, event.encode(), event.type) for event in events]
            )
        assert not left, f"the broker did not take {len(left)} events"
        self.replayed += len(events)

    def start(self) -> None:
        """Let people book and nominate."""
        self.workload.start()
        for each in self.nominators:
            each.start()

    def stop(self) -> None:
        """Let everybody come to the end of a request."""
        self.workload.stop()
        for each in self.nominators:
            each.stop()

    def close(self) -> None:
        self.stop()
        self.witness.close()
        self.ledger.close()
        self.nominations.close()


@pytest.fixture
def run(stack: Stack, tmp_path: Path) -> Iterator[Run]:
    started = Run(stack, tmp_path)
    yield started
    started.close()


@pytest.mark.timeout(240 + 360 * max(1, ROUNDS))
def test_kill_9_in_turn_loses_nothing_and_does_nothing_twice(run: Run) -> None:
    print(f"\nseed {SEED}: FAULTS_SEED={SEED} repeats the clients and the order", flush=True)
    run.whole_path()
    run.witness.await_quiet(QUIET_SECONDS)
    before = run.witness.broker_counts()
    run.start()
    run.workload.await_settled(BETWEEN, RECOVERY_SECONDS)
    caller = Caller("member-other", organisations={"raqqa-women": "representative"})
    nowhere = {
        **run.shared.fresh(undisputed=True).to_wire(),
        "organisation_id": "raqqa-women",
        "title": "nobody waits for this",
        "purpose": "meeting",
    }
    put_in = poison.put_in(run.stack.amqp_uri, nowhere, caller)
    for _ in range(max(1, ROUNDS)):
        for injury in injuries.one_round(run.chance, full=ROUNDS > 0):
            run.hurt(injury)
    run.stop()
    begun = time.monotonic()
    run.witness.await_quiet(QUIET_SECONDS)
    quiet = time.monotonic() - begun

    requests = ledger.read(run.ledger.path)
    after = run.witness.broker_counts()
    nominations = ledger.read(run.nominations.path)
    violations = run.witness.verdict(requests, nominations, put_in, before, after)
    defects = [*run.workload.defects, *(it for each in run.nominators for it in each.defects)]
    violations += [checker.Violation(checker.DEFECT, defect) for defect in defects]
    violations += [
        checker.Violation(checker.CONTRADICTED, told) for told in run.workload.contradictions()
    ]
    assert any(each.outcome == OK for each in nominations), "nobody was nominated"
    report(run, requests, nominations, violations, quiet)
    print(f"\nat the start: {before}\nat the end:   {after}", flush=True)
    if violations:
        keep(run)
    assert not violations, "\n".join(
        [*(str(violation) for violation in violations[:SHOWN]), f"ledger and logs: {KEPT}"]
    )


def keep(run: Run) -> None:
    """Put the ledger and the logs where the next test runs do not sweep them away."""
    shutil.rmtree(KEPT, ignore_errors=True)
    shutil.copytree(run.stack.settings.logs, KEPT / "logs")
    shutil.copy(run.ledger.path, KEPT)
    shutil.copy(run.nominations.path, KEPT)


def report(
    run: Run,
    requests: list[ledger.Request],
    nominations: list[ledger.Request],
    violations: list[checker.Violation],
    quiet: float,
) -> None:
    """Print the table and write the figures."""
    counts = checker.count(violations)
    outcomes = {name: sum(1 for r in requests if r.outcome == name) for name in ("ok", "refused")}
    found = [
        Figure("faults.requests", len(requests), "requests"),
        Figure("faults.attempts", sum(r.attempts for r in requests), "attempts"),
        Figure("faults.unanswered", sum(r.lost for r in requests), "attempts"),
        Figure("faults.acknowledged", outcomes["ok"], "requests"),
        Figure("faults.refused", outcomes["refused"], "requests"),
        Figure("faults.unknown", sum(r.outcome == "unknown" for r in requests), "requests"),
        Figure("faults.seats.requests", len(nominations), "requests"),
        Figure("faults.seats.acknowledged", sum(r.outcome == OK for r in nominations), "requests"),
        Figure("faults.inflicted", sum(map(len, run.recoveries.values())), "faults"),
        Figure("faults.replayed", run.replayed, "events"),
        Figure("faults.lost", counts[checker.LOST], "violations"),
        Figure("faults.doubled", counts[checker.DOUBLED], "violations"),
        Figure("faults.overlaps", counts[checker.OVERLAP], "violations"),
        Figure("faults.violations", len(violations), "violations"),
        Figure("faults.mails.again", run.witness.mails_sent_again(), "mails"),
        Figure("faults.quiet.seconds", quiet, "s"),
    ]
    found += [
        Figure(f"faults.recovery.{name}.seconds", max(times), "s")
        for name, times in sorted(run.recoveries.items())
    ]
    figures.write(RESULTS, found, seed=SEED)
    print("\n" + figures.table(found), flush=True)
