"""What the list of reviews adds to a query."""

from __future__ import annotations

from marshmallow import fields

from gateway.web.schemas import ListQuery, page_of
from services.common.contracts.trainings import selection

ReviewTaskPage = page_of(selection.ReviewTask)


class ReviewTasksQuery(ListQuery):
    """Named filters, combined with AND."""

    reviewed = fields.Boolean(
        truthy={"true"},
        falsy={"false"},
        load_default=False,
        metadata={"description": "Those that I have reviewed; else those that I still have to."},
    )
