"""The manifests, rendered: valid in every supported version, and as the table of processes says."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from deploy.broker import SERVICES
from deploy.local import processes
from deploy.local.processes import Layer
from deploy.local.settings import ROOT, load
from deploy.setup.kubernetes import print_secrets
from deploy.setup.settings import write_settings
from services.common.version import VERSION
from tests.unit.deploy import keda

KUBECTL = Path(sys.executable).parent / "kubectl"
OVERLAYS = (
    "k8s/base",
    "k8s/overlays/small",
    "k8s/overlays/production",
    "seed",
    "k8s/backup",
    "k8s/restore",
    "k8s/migrate",
)
#: The oldest and the newest version that the project supports.
VERSIONS = ("1.25", "1.37")
ELSEWHERE = {"PROBE_HOST", "PROBE_PORT", "GATEWAY_BIND", *processes.DEFAULTS}
ADDED = {"TRUSTED_PROXIES", "LOG_FORMAT"}

Manifest = dict[str, Any]


def render(overlay: str) -> list[Manifest]:
    """All manifests of an overlay."""
    done = subprocess.run(
        [KUBECTL, "kustomize", ROOT / "deploy" / overlay],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return list(yaml.safe_load_all(done.stdout))


@pytest.fixture(scope="module")
def rendered() -> dict[str, list[Manifest]]:
    return {overlay: render(overlay) for overlay in OVERLAYS}


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    """What each secret says, by name."""
    file = tmp_path_factory.mktemp("settings") / "settings.env"
    write_settings(file)
    return {
        each["metadata"]["name"]: {
            key: base64.b64decode(value).decode() for key, value in each["data"].items()
        }
        for each in json.loads(print_secrets(file))["items"]
    }


def images(manifests: list[Manifest]) -> set[str]:
    """Of every container."""
    return {
        container["image"]
        for template in pods(manifests).values()
        for container in template["spec"]["containers"]
    }


def pods(manifests: list[Manifest]) -> dict[str, Manifest]:
    """The template of each workload's pods, by the workload's name."""
    found = {
        each["metadata"]["name"]: each["spec"]["template"]
        for each in manifests
        if each["kind"] in ("Deployment", "StatefulSet", "Job")
    }
    return found | {
        each["metadata"]["name"]: each["spec"]["jobTemplate"]["spec"]["template"]
        for each in manifests
        if each["kind"] == "CronJob"
    }


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_manifests_are_valid(
    rendered: dict[str, list[Manifest]], overlay: str, version: str
) -> None:
    for manifest in rendered[overlay]:
        if manifest["kind"] in keda.KINDS:
            assert keda.faults_of(manifest) == [], manifest["metadata"]["name"]
        else:
            kubernetes_validate.validate(manifest, version, strict=True)


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"maxReplicas": 8}, "maxReplicas"),
        ({"maxReplicaCount": 1}, "maxReplicaCount"),
        ({"minReplicaCount": "2"}, '"2" is not of type'),
        ({"triggers": []}, "[] has less than 1 item"),
        ({"triggers": [{"type": "rabbitmq", "metadata": {"queueName": "q"}}]}, "mode"),
        ({"scaleTargetRef": {}}, "name"),
    ],
)
def test_what_keda_would_not_take_is_found(
    rendered: dict[str, list[Manifest]], change: dict[str, Any], where: str
) -> None:
    whole = next(
        each for each in rendered["k8s/overlays/production"] if each["kind"] == "ScaledObject"
    )
    found = keda.faults_of({**whole, "spec": {**whole["spec"], **change}})
    assert where in "".join(found)


@pytest.mark.parametrize("overlay", OVERLAYS[:3])
def test_each_process_of_the_table_has_a_deployment(
    rendered: dict[str, list[Manifest]],
    secrets: dict[str, dict[str, str]],
    overlay: str,
    tmp_path: Path,
) -> None:
    settings = next(
        each["data"]
        for each in rendered[overlay]
        if each["kind"] == "ConfigMap" and each["metadata"]["name"] == "masaha"
    )
    found = pods(rendered[overlay])
    for process in processes.table(load(tmp_path, {})):
        if process.layer < Layer.BRANCHES:
            continue
        name = "gateway-door" if process.name == "gateway" else process.name
        (container,) = found[name]["spec"]["containers"]
        arguments = process.command[process.command.index("-m") + 1 :]
        if name == "gateway-door":
            assert "args" not in container and "command" not in container
        elif name == "gateway-worker":
            assert container["command"] == ["python", "-m", *arguments]
        else:
            branch = name.partition("-")[0]
            assert container["image"] == f"masaha/{branch}:{VERSION}"
            assert [f"services.{branch}", *container["args"]] == arguments
        told = set(settings) | {each["name"] for each in container.get("env", ())}
        for source in container["envFrom"]:
            if "secretRef" in source:
                told |= set(secrets[source["secretRef"]["name"]])
        assert told - ADDED == set(process.environment) - ELSEWHERE, name


def test_each_process_has_two_copies_and_gives_up_one_at_a_time(
    rendered: dict[str, list[Manifest]],
) -> None:
    manifests = rendered["k8s/overlays/production"]
    budgets = {
        each["metadata"]["name"] for each in manifests if each["kind"] == "PodDisruptionBudget"
    }
    for each in manifests:
        if each["kind"] == "Deployment":
            assert each["spec"]["replicas"] == 2
            assert each["metadata"]["name"] in budgets
            assert each["spec"]["strategy"]["rollingUpdate"] == {
                "maxUnavailable": 0,
                "maxSurge": 1,
            }


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_no_pod_has_rights_that_it_does_not_need(
    rendered: dict[str, list[Manifest]], overlay: str
) -> None:
    for name, template in pods(rendered[overlay]).items():
        pod = template["spec"]
        assert pod["automountServiceAccountToken"] is False, name
        assert pod["securityContext"]["runAsNonRoot"] is True, name
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        for container in pod["containers"]:
            rights = container["securityContext"]
            assert rights["readOnlyRootFilesystem"] is True, name
            assert rights["allowPrivilegeEscalation"] is False, name
            assert rights["capabilities"] == {"drop": ["ALL"]}, name
            assert container["resources"]["limits"].keys() == {"cpu", "memory"}, name


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_name_that_a_pod_uses_is_there(
    rendered: dict[str, list[Manifest]], secrets: dict[str, dict[str, str]], overlay: str
) -> None:
    manifests = rendered[overlay] + rendered["k8s/base"] + rendered["k8s/backup"]
    names = {(each["kind"], each["metadata"]["name"]) for each in manifests}
    for name, template in pods(rendered[overlay]).items():
        pod = template["spec"]
        assert ("ServiceAccount", pod["serviceAccountName"]) in names, name
        for container in pod["containers"]:
            for source in container.get("envFrom", ()):
                if "secretRef" in source:
                    assert source["secretRef"]["name"] in secrets, name
                else:
                    assert ("ConfigMap", source["configMapRef"]["name"]) in names, name
        for volume in pod["volumes"]:
            if "secret" in volume:
                assert volume["secret"]["secretName"] in secrets, name
            elif "configMap" in volume:
                assert ("ConfigMap", volume["configMap"]["name"]) in names, name


def test_data_and_keys_are_backed_up_to_different_claims(
    rendered: dict[str, list[Manifest]],
) -> None:
    claims = {
        name: [each["persistentVolumeClaim"]["claimName"] for each in template["spec"]["volumes"]]
        for overlay in ("k8s/backup", "k8s/restore")
        for name, template in pods(rendered[overlay]).items()
    }
    assert claims == {
        "data-backup": ["data-backups"],
        "data-restore": ["data-backups"],
        "case-keys-backup": ["case-keys-backups"],
        "case-keys-restore": ["case-keys-backups"],
    }


def test_no_manifest_is_a_secret(rendered: dict[str, list[Manifest]]) -> None:
    kinds = {each["kind"] for manifests in rendered.values() for each in manifests}
    assert "Secret" not in kinds


def test_nobody_is_reached_unless_a_policy_says_so(rendered: dict[str, list[Manifest]]) -> None:
    (closed,) = (
        each for each in rendered["k8s/base"] if each["metadata"]["name"] == "nothing-by-default"
    )
    assert closed["spec"]["podSelector"] == {}
    assert "ingress" not in closed["spec"]


def test_each_service_follows_the_queue_of_its_calls(
    rendered: dict[str, list[Manifest]],
) -> None:
    queues = {
        each["spec"]["scaleTargetRef"]["name"]: each["spec"]["triggers"][0]["metadata"]["queueName"]
        for each in rendered["k8s/overlays/production"]
        if each["kind"] == "ScaledObject"
    }
    services = [name for name in pods(rendered["k8s/base"]) if name.endswith("-service")]
    assert queues == {name: f"rpc-{name.removesuffix('-service')}" for name in services}


def test_the_seed_of_a_cluster_is_the_seed_of_the_local_stack(
    rendered: dict[str, list[Manifest]],
) -> None:
    (seed,) = (each for each in rendered["seed"] if each["kind"] == "ConfigMap")
    files = {path.name for path in (ROOT / "deploy" / "seed").glob("*.json")}
    assert set(seed["data"]) == files
    jobs = {name.removesuffix("-seed") for name in pods(rendered["seed"])}
    assert jobs == {
        command[command.index("-m") + 1].removeprefix("services.") for command in processes.seeds()
    }


def test_each_deployable_can_change_what_it_has_stored(
    rendered: dict[str, list[Manifest]],
) -> None:
    jobs = pods(rendered["k8s/migrate"])
    assert {name.removesuffix("-migrate") for name in jobs} == set(SERVICES)
    for template in jobs.values():
        (container,) = template["spec"]["containers"]
        assert (container.get("command") or container["args"])[-1] == "migrate"


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_each_image_of_ours_is_that_of_the_release(
    rendered: dict[str, list[Manifest]], overlay: str
) -> None:
    own = {each for each in images(rendered[overlay]) if each.startswith("masaha/")}
    assert {each.partition(":")[2] for each in own} <= {VERSION}
    assert not {each for each in images(rendered[overlay]) if ":" not in each}
