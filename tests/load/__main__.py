"""`python -m tests.load`: start a system, put people to work on it, write `.local/load.json`."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from deploy.local import people
from deploy.local.interpreter import described
from tests.support.figures import Figure, table, write
from tests.support.stack import Stack

USERS = int(os.environ.get("LOAD_USERS", "60"))
SECONDS = int(os.environ.get("LOAD_SECONDS", "45"))
SEED = int(os.environ.get("LOAD_SEED", "2018"))


def signed_in(url: str) -> Iterator[dict[str, Any]]:
    """Members who can book, with a token each."""
    for person in people.everyone():
        if person.organisation_id is None:
            continue
        answer = httpx.post(
            f"{url}/v1/auth/token",
            json={"grant_type": "password", "email": person.email, "password": person.password},
        )
        answer.raise_for_status()
        yield {
            "token": answer.json()["access_token"],
            "organisation_id": person.organisation_id,
            "language": person.language,
        }


def run(stack: Stack, folder: Path) -> list[Figure]:
    url = stack.gateway_url
    spaces = httpx.get(f"{url}/v1/spaces?limit=100").raise_for_status().json()["items"]
    told = {
        **os.environ,
        "LOAD_PEOPLE": json.dumps(list(signed_in(url))),
        "LOAD_SPACES": json.dumps([space["id"] for space in spaces]),
        "LOAD_SEED": str(SEED),
    }
    command = [sys.executable, "-m", "locust", "-f", "tests/load/locustfile.py", "--headless"]
    command += ["--host", url, "-u", str(USERS), "-r", "20", "-t", f"{SECONDS}s"]
    command += ["--only-summary", "--csv", str(folder / "load")]
    subprocess.run(command, env=told, check=True)
    figures: list[Figure] = []
    with (folder / "load_stats.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            what = "all" if row["Name"] == "Aggregated" else row["Name"].replace(".", "_")
            figures += [
                Figure(f"load.{what}.requests", float(row["Request Count"]), "1"),
                Figure(f"load.{what}.failures", float(row["Failure Count"]), "1"),
                Figure(f"load.{what}.rps", float(row["Requests/s"]), "1/s"),
                Figure(f"load.{what}.p50", float(row["50%"]), "ms"),
                Figure(f"load.{what}.p99", float(row["99%"]), "ms"),
            ]
    return figures


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="masaha-load-") as name:
        folder = Path(name)
        print("Starting a system of its own …", flush=True)
        stack = Stack(folder / "stack")
        stack.up()
        try:
            print(f"{USERS} people at work for {SECONDS} s …", flush=True)
            figures = run(stack, folder)
        finally:
            stack.down()
    write(Path(".local/load.json"), figures, SEED)
    print(f"\n{table(figures)}\n\nAlso in .local/load.json\nMeasured with Python {described()}.")
    failures = next(f.value for f in figures if f.name == "load.all.failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
