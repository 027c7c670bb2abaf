"""``python -m deploy.checkov CHECKOV``: what it finds in the manifests and in the Dockerfile.

CHECKOV is the program. Exit code 0: it finds what ``accepted.toml`` explains, and nothing else.
Checkov knows no compose files; ``tests/unit/deploy/test_compose.py`` and the containers' tests hold
that one.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
ACCEPTED = Path(__file__).with_name("accepted.toml")
MANIFESTS = ("overlays/small", "overlays/production", "backup", "restore", "migrate")
_KUBECTL = Path(sys.executable).with_name("kubectl")


@dataclass(frozen=True, order=True)
class Finding:
    """A check that failed, and the name of the workload or of the instruction that failed it."""

    id: str
    of: str
    says: str

    def __str__(self) -> str:
        return f"{self.id} {self.of}: {self.says}"


def accepted_findings() -> list[dict[str, Any]]:
    """The entries of the file."""
    entries: list[dict[str, Any]] = tomllib.loads(ACCEPTED.read_text("utf-8"))["accepted"]
    return entries


def findings(reports: Iterable[dict[str, Any]]) -> set[Finding]:
    """The failed checks of Checkov's reports."""
    return {
        Finding(each["check_id"], each["resource"].rpartition(".")[2], each["check_name"])
        for report in reports
        for each in report["results"]["failed_checks"]
    }


def complaints(found: Iterable[Finding], accepted: Sequence[dict[str, Any]]) -> list[str]:
    """What nobody has explained, and explanations that nothing needs."""
    used: set[int] = set()
    wrong: list[str] = []
    for each in sorted(found):
        fitting = [
            number
            for number, line in enumerate(accepted)
            if line["id"] == each.id and each.of in line.get("of", [each.of])
        ]
        used |= set(fitting)
        if not fitting:
            wrong.append(f"not explained: {each}")
    idle = [line for number, line in enumerate(accepted) if number not in used]
    return wrong + [f"no longer found: {line['id']} ({line['says']})" for line in idle]


def main(arguments: list[str]) -> int:
    """Render, check, compare."""
    (checkov,) = arguments
    with tempfile.TemporaryDirectory() as folder:
        for name in MANIFESTS:
            done = subprocess.run(
                [_KUBECTL, "kustomize", ROOT / "deploy" / "k8s" / name],
                capture_output=True,
                text=True,
                check=True,
            )
            Path(folder, f"{name.replace('/', '-')}.yaml").write_text(done.stdout, "utf-8")
        dockerfile = ROOT / "deploy" / "images" / "Dockerfile"
        reports = [
            _check(checkov, "kubernetes", "--directory", folder),
            _check(checkov, "dockerfile", "--file", str(dockerfile)),
        ]
    wrong = complaints(findings(reports), accepted_findings())
    for line in wrong:
        print(f"✗ {line}", file=sys.stderr)
    if not wrong:
        passed = sum(report["summary"]["passed"] for report in reports)
        failed = sum(report["summary"]["failed"] for report in reports)
        print(f"✓ {passed} checks passed; {failed} findings, each explained in {ACCEPTED.name}")
    return 1 if wrong else 0


def _check(checkov: str, framework: str, *of: str) -> dict[str, Any]:
    command = [checkov, "--quiet", "--compact", "--skip-download", "--output", "json"]
    done = subprocess.run(
        [*command, "--framework", framework, *of], capture_output=True, text=True, check=False
    )
    report: dict[str, Any] = json.loads(done.stdout)
    return report


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
