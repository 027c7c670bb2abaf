"""RPC methods of the forms that participants answer: tests, feedback, follow-up."""

from __future__ import annotations

from typing import Any

from services.common.messaging.rpc import rpc
from services.trainings.operations import (
    answer_summary,
    answering,
    learning_gain,
    test_keys,
)
from services.trainings.schemas import answers as answer_schemas
from services.trainings.service.methods import Methods


class AnswerMethods(Methods):
    @rpc
    def get_form_to_answer(self, request: dict[str, Any]) -> dict[str, Any]:
        query = answer_schemas.of_occasion(request)
        return _shown(answering.get_form_to_answer(self.app, self.call, query))

    @rpc
    def answer_form(self, request: dict[str, Any]) -> dict[str, Any]:
        command = answer_schemas.answer_form(request)
        taken = answering.answer_form(self.app, self.call, command)
        return answer_schemas.answered(taken, command.cohort_id, command.occasion)

    @rpc
    def answers_summary(self, request: dict[str, Any]) -> dict[str, Any]:
        query = answer_schemas.of_occasion(request)
        summary, requested = answer_summary.answers_summary(self.app, self.call, query)
        return answer_schemas.answers_summary(query, summary, requested)

    @rpc
    def get_test_key(self, request: dict[str, Any]) -> dict[str, Any]:
        query = answer_schemas.get_test_key(request)
        return answer_schemas.test_key(test_keys.get_test_key(self.app, self.call, query))

    @rpc
    def set_test_key(self, request: dict[str, Any]) -> dict[str, Any]:
        command = answer_schemas.set_test_key(request)
        return answer_schemas.test_key(test_keys.set_test_key(self.app, self.call, command))

    @rpc
    def learning_gain(self, request: dict[str, Any]) -> dict[str, Any]:
        found = learning_gain.learning_gain(
            self.app, self.call, answer_schemas.cohort_id_of(request)
        )
        people = [
            answer_schemas.person_gain(each.participant, each.scores, each.change)
            for each in found.people
        ]
        return answer_schemas.cohort_gain(found.cohort_id, found.gain, found.unscored, people)

    @rpc
    def my_learning_gain(self, request: dict[str, Any]) -> dict[str, Any]:
        found = learning_gain.my_learning_gain(
            self.app, self.call, answer_schemas.cohort_id_of(request)
        )
        return answer_schemas.person_gain(found.participant, found.scores, found.change)


def _shown(found: answering.FormToAnswer) -> dict[str, Any]:
    return answer_schemas.form_to_answer(
        found.cohort, found.occasion, found.form, found.window, answered=found.answered
    )
