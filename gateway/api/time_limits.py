"""Time limits of cases, in working time of their centre."""

from __future__ import annotations

from gateway.api import branch
from gateway.web.endpoint import SIGNED_IN, Answer, Incoming, endpoint
from gateway.web.openapi import Blueprint
from services.common.contracts.consultations import time_limits as contract

blueprint = Blueprint("time_limits", __name__, description="Time limits of cases")

_BRANCH = "consultations"


@blueprint.route("/v1/cases/<id:case_id>/time-limits", methods=["GET"])
@endpoint(answer=contract.TimeLimitsOfCase, access=SIGNED_IN, refuses=(404,), branch=_BRANCH)
def list_time_limits(incoming: Incoming, case_id: str) -> Answer:
    """Until when a case is answered and resolved (who may read the case).

    They count working time of the centre, stand still while the case waits for the organisation,
    and are computed anew when hours or closures change.
    """
    found = branch.ask(incoming, _BRANCH, "list_time_limits", id=case_id)
    return Answer(found, cache_control="private, no-store")
