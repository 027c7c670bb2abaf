"""Grafana's dashboards as code: ``python -m deploy.observability.dashboards`` writes them.

One for the whole, one for each branch and one for the door. A panel is a title and a query in
Prometheus's language; all have the same form, so that a reader compares them at a glance.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.broker import SERVICES

FOLDER = Path(__file__).parent / "grafana" / "dashboards"
BRANCHES = tuple(name for name in SERVICES if name != "gateway")
_PANELS_IN_A_ROW = 3
_WIDTH, _HEIGHT = 24 // _PANELS_IN_A_ROW, 8


@dataclass(frozen=True)
class Panel:
    """One graph.

    Attributes:
        unit: Grafana's name of a unit: ``s``, ``reqps``, ``short``, ``percentunit``.
        legend: how a line is called, with labels in ``{{ }}``.
    """

    title: str
    query: str
    unit: str = "short"
    legend: str = ""


def overview() -> list[Panel]:
    """What a tired operator looks at first."""
    return [
        Panel("Processes that answer", 'sum by (deployable) (up{job="masaha"})'),
        Panel("Requests", "sum(rate(masaha_http_requests_total[5m]))", "reqps"),
        Panel("Requests that failed on our side", "job:masaha_http_errors:ratio5m", "percentunit"),
        Panel(
            "Slowest routes (p99)",
            "topk(5, route:masaha_http_request_seconds:p99_5m)",
            "s",
            "{{route}}",
        ),
        Panel(
            "Calls to branches",
            "sum by (branch, outcome) (rate(masaha_branch_calls_total[5m]))",
            "reqps",
            "{{branch}} {{outcome}}",
        ),
        Panel("Breakers (2: away)", "max by (branch) (masaha_breaker_state)", legend="{{branch}}"),
        Panel(
            "Events published",
            "sum by (service) (rate(masaha_events_published_total[5m]))",
            "reqps",
            "{{service}}",
        ),
        Panel(
            "From fact to effect (p99)",
            "consumer:masaha_event_lag_seconds:p99_5m",
            "s",
            "{{consumer}}",
        ),
        Panel(
            "Messages parked",
            "sum by (queue) (increase(masaha_parked_total[1h])) or vector(0)",
            legend="{{queue}}",
        ),
        Panel(
            "Connections to the broker",
            "sum by (deployable) (masaha_broker_connected)",
            legend="{{deployable}}",
        ),
        Panel(
            "Messages in queues", "topk(8, queue:rabbitmq_queue_messages:max)", legend="{{queue}}"
        ),
        Panel(
            "Deadlines",
            "sum by (service, outcome) (rate(masaha_deadlines_total[5m])) or vector(0)",
            "reqps",
            "{{service}} {{outcome}}",
        ),
        Panel(
            "Memory",
            'sum by (deployable) (process_resident_memory_bytes{job="masaha"})',
            "bytes",
            "{{deployable}}",
        ),
    ]


#: By branch: what people do there. A panel counts types of events, by the ends of their names.
FACTS: Mapping[str, Mapping[str, str]] = {
    "bookings": {
        "Bookings": "booking[.](requested|confirmed|rejected|cancelled|expired)",
        "Visits of rooms": "booking[.](checked_in|no_show|completed)",
        "Waitlist": "waitlist[.].+",
        "Invitations of guests": "invitation[.].+",
        "Closures": "closure[.].+",
        "Rooms for other branches": "room[.].+",
    },
    "trainings": {
        "Applications": "application[.](submitted|shortlisted|waitlisted|declined|withdrawn)",
        "Seats offered and taken": "application[.](offered|enrolled|offer_.+|cancelled)",
        "Attendance": "attendance[.].+",
        "Certificates": "certificate[.].+",
        "Cohorts": "cohort[.].+",
        "Trainers asked": "assignment[.].+",
    },
    "consultations": {
        "Cases": "case[.](submitted|triaged|declined|withdrawn|resolved|reopened|closed)",
        "Time limits warned of and passed": "case[.]limit_.+",
        "Visits": "visit[.].+",
        "Appointments": "appointment[.].+",
        "Plans and milestones": "(plan|milestone)[.].+",
        "Referrals and ratings": "case[.](referr.+|rated)",
        "Assessments and recommendations": "(assessment|recommendation)[.].+",
        "Needs studies": "campaign(_request)?[.].+",
    },
    "notifications": {"Messages": "delivery[.].+"},
    "identity": {
        "People": "person[.].+",
        "Organisations and members": "(organisation|membership|invitation)[.].+",
    },
}


def facts(publisher: str) -> list[Panel]:
    """What happened in a branch within an hour."""
    return [
        Panel(
            title,
            f'sum by (type) (type:masaha_facts:increase1h{{type=~"{publisher}[.]{ends}"}})',
            legend="{{type}}",
        )
        for title, ends in FACTS[publisher].items()
    ]


def branch(name: str) -> list[Panel]:
    """What one branch does."""
    own = f'deployable="{name}"'
    panels = [
        Panel(
            "Calls",
            f"sum by (outcome) (rate(masaha_rpc_calls_total{{{own}}}[5m])) or vector(0)",
            "reqps",
            "{{outcome}}",
        ),
        Panel(
            "Busiest methods",
            f"topk(8, sum by (method) (rate(masaha_rpc_calls_total{{{own}}}[5m]))) or vector(0)",
            "reqps",
            "{{method}}",
        ),
        Panel(
            "Time of calls (p99)",
            "histogram_quantile(0.99, sum by (le) "
            f"(rate(masaha_rpc_seconds_bucket{{{own}}}[5m]))) or vector(0)",
            "s",
        ),
        Panel(
            "Events taken",
            f"sum by (outcome) (rate(masaha_events_consumed_total{{{own}}}[5m])) or vector(0)",
            "reqps",
            "{{outcome}}",
        ),
        Panel(
            "Events published",
            f'sum(rate(masaha_events_published_total{{service="{name}"}}[5m])) or vector(0)',
            "reqps",
        ),
        Panel(
            "Deadlines",
            f'service:masaha_deadlines:rate5m{{service="{name}"}} or vector(0)',
            "reqps",
            "{{kind}} {{outcome}}",
        ),
        Panel(
            "Messages in queues",
            f'queue:rabbitmq_queue_messages:max{{queue=~"(rpc-)?{name}([.].+)?"}}',
            legend="{{queue}}",
        ),
        Panel(
            "Aggregates whose events wait",
            f'sum by (relay) (masaha_events_held{{service="{name}"}})',
            legend="{{relay}}",
        ),
        Panel(
            "Time of handlers (p99)",
            f'consumer:masaha_event_handler_seconds:p99_5m{{consumer=~"{name}.*"}} or vector(0)',
            "s",
            "{{consumer}}",
        ),
        Panel(
            "Processor",
            f"sum by (instance) (rate(process_cpu_seconds_total{{{own}}}[5m]))",
            "percentunit",
            "{{instance}}",
        ),
        Panel(
            "Memory",
            f"sum by (instance) (process_resident_memory_bytes{{{own}}})",
            "bytes",
            "{{instance}}",
        ),
        Panel(
            "Connections to the broker",
            f"sum by (instance) (masaha_broker_connected{{{own}}})",
            legend="{{instance}}",
        ),
    ]
    if name == "notifications":
        panels.append(
            Panel(
                "Deliveries",
                "sum by (channel, state) (rate(masaha_deliveries_total[5m])) or vector(0)",
                "reqps",
                "{{channel}} {{state}}",
            )
        )
    return facts(name) + panels


def door() -> list[Panel]:
    """What the gateway does."""
    return [
        Panel(
            "Requests by status",
            "sum by (status) (rate(masaha_http_requests_total[5m]))",
            "reqps",
            "{{status}}",
        ),
        Panel(
            "Busiest routes",
            "topk(8, sum by (route) (rate(masaha_http_requests_total[5m])))",
            "reqps",
            "{{route}}",
        ),
        Panel(
            "Slowest routes (p99)",
            "topk(8, route:masaha_http_request_seconds:p99_5m)",
            "s",
            "{{route}}",
        ),
        Panel(
            "Time of calls to branches (p99)",
            "histogram_quantile(0.99, sum by (branch, le) "
            "(rate(masaha_branch_call_seconds_bucket[5m])))",
            "s",
            "{{branch}}",
        ),
        Panel(
            "Sign-ins",
            "sum by (grant, outcome) (rate(masaha_sign_ins_total[5m])) or vector(0)",
            "reqps",
            "{{grant}} {{outcome}}",
        ),
        Panel(
            "Answers from the cache",
            "sum by (method) (rate(masaha_public_cache_answers_total[5m])) or vector(0)",
            "reqps",
            "{{method}}",
        ),
        *facts("identity"),
    ]


DASHBOARDS: Mapping[str, Sequence[Panel]] = {
    "overview": overview(),
    "gateway": door(),
    **{name: branch(name) for name in BRANCHES},
}


def dashboard(name: str, panels: Sequence[Panel]) -> dict[str, Any]:
    """A dashboard in Grafana's own form."""
    return {
        "uid": f"masaha-{name}",
        "title": f"Masaha: {name}",
        "tags": ["masaha"],
        "schemaVersion": 39,
        "timezone": "Asia/Damascus",
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {
            "list": [
                {
                    "name": "datasource",
                    "type": "datasource",
                    "query": "prometheus",
                    "label": "Prometheus",
                }
            ]
        },
        "panels": [_panel(number, panel) for number, panel in enumerate(panels)],
    }


def _panel(number: int, panel: Panel) -> dict[str, Any]:
    source = {"type": "prometheus", "uid": "${datasource}"}
    row, column = divmod(number, _PANELS_IN_A_ROW)
    return {
        "id": number + 1,
        "type": "timeseries",
        "title": panel.title,
        "datasource": source,
        "gridPos": {"x": column * _WIDTH, "y": row * _HEIGHT, "w": _WIDTH, "h": _HEIGHT},
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0}, "overrides": []},
        "targets": [
            {
                "refId": "A",
                "datasource": source,
                "expr": panel.query,
                "legendFormat": panel.legend or "__auto",
            }
        ],
    }


def rendered() -> dict[Path, str]:
    """The files and what they hold."""
    return {
        FOLDER / f"{name}.json": json.dumps(dashboard(name, panels), indent=2) + "\n"
        for name, panels in DASHBOARDS.items()
    }


def main() -> None:
    """Write all files."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path, text in rendered().items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
