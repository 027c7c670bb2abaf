"""A real Prometheus reads the running system; each rule and each panel finds what it asks for."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from deploy.local import packages, people, rabbitmq
from deploy.local.processes import Layer, table
from deploy.local.settings import ROOT
from deploy.observability.dashboards import BRANCHES, DASHBOARDS, FACTS, rendered
from docs.contracts import PUBLISHERS, events_of
from tests.support.awaiting import until
from tests.support.ports import free_ports_in_a_row
from tests.support.stack import Stack

FOLDER = ROOT / "deploy" / "observability"
RULES = sorted((FOLDER / "rules").glob("*.yml"))
#: Two scrapes: a rate needs both.
SCRAPES = 3
SECONDS = 60.0
_UNITS = ("prometheus.service",)


def rules() -> list[dict[str, Any]]:
    """All rules of all files."""
    return [
        rule
        for path in RULES
        for group in yaml.safe_load(path.read_text("utf-8"))["groups"]
        for rule in group["rules"]
    ]


def instances(stack: Stack) -> list[dict[str, Any]]:
    """What Prometheus reads: each process of our own, under its deployable's name."""
    found = []
    for process in table(stack.settings):
        if process.layer >= Layer.BRANCHES:
            (port,) = process.ports
            found.append(
                {
                    "targets": [f"127.0.0.1:{port}"],
                    "labels": {"deployable": process.name.partition("-")[0]},
                }
            )
    return found


def broker(stack: Stack) -> dict[str, Any]:
    """How Prometheus reads the broker: as in the compose file, at the stack's own port."""
    config = yaml.safe_load((FOLDER / "prometheus.yml").read_text("utf-8"))
    (found,) = [each for each in config["scrape_configs"] if each["job_name"] == "rabbitmq"]
    port = stack.settings.port(rabbitmq.FIGURES_PORT)
    return {**found, "static_configs": [{"targets": [f"127.0.0.1:{port}"]}]}


@pytest.fixture(scope="module")
def prometheus(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """Debian's Prometheus with the project's rules, once it has read the system."""
    if shutil.which("prometheus") is None:
        packages.install(
            ["prometheus"], "The test of the figures needs it", ("prometheus.service",)
        )
    folder = tmp_path_factory.mktemp("prometheus")
    port = free_ports_in_a_row(1)
    config = {
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
        "rule_files": [str(path) for path in RULES],
        "scrape_configs": [
            {"job_name": "masaha", "static_configs": instances(stack)},
            broker(stack),
        ],
    }
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config), "utf-8")
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [
                "prometheus",
                f"--config.file={folder / 'prometheus.yml'}",
                f"--storage.tsdb.path={folder / 'data'}",
                f"--web.listen-address=127.0.0.1:{port}",
            ],
            stdout=log,
            stderr=log,
        )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
            expected = 1 + len([e for e in table(stack.settings) if e.layer >= Layer.BRANCHES])
            # It listens a moment before it answers.
            until(
                lambda: client.get("/-/ready").status_code == 200,
                "Prometheus to be ready",
                SECONDS,
                hurt_by=(httpx.HTTPError,),
            )
            use(stack)
            until(
                lambda: len(ask(client, f"count_over_time(up[1m]) >= {SCRAPES}")) == expected,
                "Prometheus to have read every process",
                SECONDS,
            )
            use(stack)
            yield client
    finally:
        process.terminate()
        process.wait(30)


def use(stack: Stack) -> None:
    """Requests of several kinds, so that there is something to count."""
    with httpx.Client(base_url=stack.gateway_url) as client:
        person = people.person("representative")
        client.post(
            "/v1/auth/token",
            json={"grant_type": "password", "email": person.email, "password": person.password},
        )
        for path in ("/v1/centres", "/v1/spaces", "/v1/courses", "/v1/consultation-kinds"):
            client.get(path, headers={"Cache-Control": "no-cache"})


def ask(client: httpx.Client, query: str) -> list[dict[str, Any]]:
    """What a query finds now."""
    answer = client.get("/api/v1/query", params={"query": query})
    assert answer.status_code == 200, f"{query}: {answer.text}"
    found: list[dict[str, Any]] = answer.json()["data"]["result"]
    return found


def measures(query: str) -> set[str]:
    """The names of our own that a query reads, without a histogram's endings."""
    names = re.findall(r"(?<![\w:])masaha_[a-z_]+", query)
    return {re.sub(r"_(bucket|sum|count)$", "", name) for name in names}


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.get("alert") or rule["record"])
def test_a_rule_reads_what_there_is(prometheus: httpx.Client, rule: dict[str, Any]) -> None:
    known = {
        each["metric"]["__name__"]
        for each in ask(prometheus, 'count by (__name__) ({job="masaha"})')
    }
    loaded = {
        rule["name"]: rule
        for group in prometheus.get("/api/v1/rules").json()["data"]["groups"]
        for rule in group["rules"]
    }
    until(
        lambda: loaded and ask(prometheus, rule["expr"]) is not None,
        "the rule to be evaluated",
    )
    assert loaded[rule.get("alert") or rule["record"]]["health"] in ("ok", "unknown")
    typed = prometheus.get("/api/v1/metadata").json()["data"]
    for name in measures(rule["expr"]):
        assert name in typed or name.removesuffix("_total") in typed or name in known, name


@pytest.mark.parametrize("name", DASHBOARDS)
def test_every_panel_shows_something(prometheus: httpx.Client, name: str) -> None:
    for panel in DASHBOARDS[name]:
        until(
            lambda query=panel.query: ask(prometheus, query),  # type: ignore[misc]
            f"{name}: {panel.title}",
            SECONDS,
        )


def test_every_queue_is_measured(prometheus: httpx.Client, stack: Stack) -> None:
    """Those that our processes declare, and those of the topology."""
    expected = {f"rpc-{name}" for name in BRANCHES} | {"masaha.unroutable", "masaha.for-outsiders"}
    expected |= {f"{name}.events.v1{end}" for name in BRANCHES for end in ("", ".parked")}
    found = {
        each["metric"]["queue"] for each in ask(prometheus, "queue:rabbitmq_queue_messages:max")
    }
    assert expected <= found


def test_every_type_of_event_is_counted_from_the_start(prometheus: httpx.Client) -> None:
    counted = {
        (each["metric"]["service"], each["metric"]["type"])
        for each in ask(prometheus, "masaha_facts_total")
    }
    for publisher in PUBLISHERS:
        service = "gateway" if publisher == "identity" else publisher
        assert {(service, each.name) for each in events_of(publisher)} <= counted


@pytest.mark.parametrize("publisher", FACTS)
def test_each_panel_of_facts_names_types_that_there_are(publisher: str) -> None:
    for title, ends in FACTS[publisher].items():
        names = [each.name for each in events_of(publisher)]
        assert any(re.fullmatch(f"{publisher}[.]{ends}", name) for name in names), title


def test_nothing_is_wrong_while_all_is_well(prometheus: httpx.Client) -> None:
    firing = [
        rule["name"]
        for group in prometheus.get("/api/v1/rules").json()["data"]["groups"]
        for rule in group["rules"]
        if rule.get("state") == "firing"
    ]
    assert firing == []


def test_each_alert_has_a_section_in_the_runbook() -> None:
    titles = re.findall(r"^#+ (.+)$", (ROOT / "docs" / "runbook.md").read_text("utf-8"), re.M)
    anchors = {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}
    for rule in rules():
        if "alert" in rule:
            page, _, anchor = rule["annotations"]["runbook"].partition("#")
            assert page == "docs/runbook.md" and anchor in anchors, rule["alert"]


def test_what_compose_reads_is_what_runs(stack: Stack) -> None:
    config = yaml.safe_load((FOLDER / "prometheus.yml").read_text("utf-8"))
    read = {
        target.partition(":")[0]
        for each in config["scrape_configs"][0]["static_configs"]
        for target in each["targets"]
    }
    assert read == {
        process.name for process in table(stack.settings) if process.layer >= Layer.BRANCHES
    }


def test_the_dashboards_are_written() -> None:
    for path, text in rendered().items():
        assert Path(path).read_text("utf-8") == text, "python -m deploy.observability.dashboards"
