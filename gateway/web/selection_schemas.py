"""What the list of reviews adds to a query."""

from __future__ import annotations

from gateway.web.schemas import ListQuery, flag, page_of
from services.common.contracts.trainings import selection

ReviewTaskPage = page_of(selection.ReviewTask)


class ReviewTasksQuery(ListQuery):
    """Named filters, combined with AND."""

    reviewed = flag(
        load_default=False,
        metadata={"description": "Those that I have reviewed; else those that I still have to."},
    )
