"""What KEDA 2 takes in the two kinds that the manifests use (keda.sh/docs: the specifications of
ScaledObject and TriggerAuthentication, the RabbitMQ scaler). The schemas of Kubernetes do not know
them, and KEDA passes over what it does not know.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jsonschema_rs

Document = dict[str, Any]

_TEXT: Document = {"type": "string"}
_NAME: Document = {"type": "string", "pattern": "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"}
_COUNT: Document = {"type": "integer", "minimum": 0}
#: Numbers are texts in the metadata of a trigger.
_NUMBER: Document = {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?$"}


def _object(required: list[str], **properties: Document) -> Document:
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def _some(item: Document) -> Document:
    return {"type": "array", "items": item, "minItems": 1}


_RABBITMQ = _object(
    ["queueName", "mode", "value"],
    host=_TEXT,
    hostFromEnv=_TEXT,
    protocol={"enum": ["auto", "http", "amqp"]},
    queueName=_TEXT,
    mode={"enum": ["QueueLength", "MessageRate", "DeliverGetRate", "PublishedToDeliveredRatio"]},
    value=_NUMBER,
    activationValue=_NUMBER,
    vhostName=_TEXT,
    excludeUnacknowledged={"enum": ["true", "false"]},
    timeout=_NUMBER,
)
_TRIGGER = _object(
    ["type", "metadata"],
    type={"const": "rabbitmq"},
    name=_TEXT,
    metadata=_RABBITMQ,
    authenticationRef=_object(["name"], name=_NAME, kind={"const": "TriggerAuthentication"}),
    metricType={"enum": ["AverageValue", "Value"]},
    useCachedMetrics={"type": "boolean"},
)
_SCALED_OBJECT = _object(
    ["scaleTargetRef", "triggers"],
    scaleTargetRef=_object(
        ["name"], apiVersion=_TEXT, kind=_TEXT, name=_NAME, envSourceContainerName=_TEXT
    ),
    pollingInterval=_COUNT,
    cooldownPeriod=_COUNT,
    initialCooldownPeriod=_COUNT,
    idleReplicaCount={"const": 0},
    minReplicaCount=_COUNT,
    maxReplicaCount={"type": "integer", "minimum": 1},
    fallback=_object(["failureThreshold", "replicas"], failureThreshold=_COUNT, replicas=_COUNT),
    triggers=_some(_TRIGGER),
)
_TRIGGER_AUTHENTICATION = _object(
    ["secretTargetRef"],
    secretTargetRef=_some(
        _object(["parameter", "name", "key"], parameter={"const": "host"}, name=_NAME, key=_TEXT)
    ),
)

KINDS: Mapping[str, jsonschema_rs.Draft202012Validator] = {
    kind: jsonschema_rs.Draft202012Validator(spec)
    for kind, spec in (
        ("ScaledObject", _SCALED_OBJECT),
        ("TriggerAuthentication", _TRIGGER_AUTHENTICATION),
    )
}


def faults_of(manifest: Mapping[str, Any]) -> list[str]:
    """What KEDA would not take in a manifest of one of its kinds, or pass over."""
    spec = manifest["spec"]
    found = [str(each) for each in KINDS[manifest["kind"]].iter_errors(spec)]
    if manifest["apiVersion"] != "keda.sh/v1alpha1":
        found.append(f"apiVersion {manifest['apiVersion']}")
    if not found and spec.get("maxReplicaCount", 100) < spec.get("minReplicaCount", 0):
        found.append("maxReplicaCount is less than minReplicaCount")
    return found
