"""What every list adds to the filters of trainings."""

from __future__ import annotations

from gateway.web.schemas import ListQuery, page_of
from services.common.contracts.fields import Id, text
from services.common.contracts.trainings import catalogue

TopicPage = page_of(catalogue.Topic)
CoursePage = page_of(catalogue.Course)

_SEARCH = {"description": "Words of the title, in any language and spelling."}


class CoursesQuery(ListQuery):
    """Named filters, combined with AND."""

    topic_id = Id(load_default=None)
    search = text(catalogue.LONGEST_QUERY, load_default=None, metadata=_SEARCH)
