"""What Checkov finds is explained, and what is explained is found. `make checkov` runs it."""

from __future__ import annotations

from typing import Any

from deploy.checkov.__main__ import Finding, accepted_findings, complaints, findings

REPORT: dict[str, Any] = {
    "results": {
        "failed_checks": [
            {
                "check_id": "CKV_K8S_40",
                "check_name": "High UID",
                "resource": "StatefulSet.masaha.mongodb",
            }
        ]
    }
}
FOUND = Finding("CKV_K8S_40", "mongodb", "High UID")


def test_a_report_is_read() -> None:
    assert findings([REPORT]) == {FOUND}


def test_a_finding_that_nobody_has_explained_is_a_complaint() -> None:
    other = [{"id": "CKV_K8S_40", "of": ["rabbitmq"], "says": "High UID"}]
    assert complaints([FOUND], other) == [
        "not explained: CKV_K8S_40 mongodb: High UID",
        "no longer found: CKV_K8S_40 (High UID)",
    ]


def test_an_explained_finding_is_none() -> None:
    assert complaints([FOUND], [{"id": "CKV_K8S_40", "says": "High UID"}]) == []


def test_each_accepted_finding_has_its_reason() -> None:
    for line in accepted_findings():
        assert line.keys() <= {"id", "says", "of", "why"}
        assert len(line["why"].split()) > 8, line["id"]
