"""State machines: what the table allows, what it refuses and how, and the diagram of it."""

from __future__ import annotations

from enum import StrEnum
from itertools import product

import pytest

from docs.generate import machines
from services.common import errors
from services.common.errors import Conflict, ErrorCode
from services.common.transitions import Transitions

NOT_NOW = ErrorCode("visits.not_allowed_now", Conflict, "While `state`, no.", params=("state",))
OVER = ErrorCode("visits.over", Conflict, "The visit is over.")


class State(StrEnum):
    AGREED = "agreed"
    BEGUN = "begun"
    OVER = "over"


class Action(StrEnum):
    MOVE = "move"
    BEGIN = "begin"
    END = "end"


TABLE = {
    (State.AGREED, Action.MOVE): State.AGREED,
    (State.AGREED, Action.BEGIN): State.BEGUN,
    (State.BEGUN, Action.END): State.OVER,
}
VISIT = Transitions(TABLE, refusal=NOT_NOW, first=State.AGREED)


@pytest.mark.parametrize(("state", "action"), list(product(State, Action)))
def test_what_the_table_allows_leads_on_and_all_else_is_refused(
    state: State, action: Action
) -> None:
    if (state, action) in TABLE:
        assert VISIT.after(state, action) is TABLE[state, action]
    else:
        with pytest.raises(errors.Conflict) as refusal:
            VISIT.after(state, action)
        assert refusal.value.code == "visits.not_allowed_now"
        assert refusal.value.params == {"state": state.value}
        assert type(refusal.value.params["state"]) is str


def test_each_state_may_have_a_refusal_of_its_own() -> None:
    visit = Transitions(TABLE, refusal={State.BEGUN: NOT_NOW, State.OVER: OVER})
    with pytest.raises(errors.Conflict, match="not_allowed_now"):
        visit.after(State.BEGUN, Action.MOVE)
    with pytest.raises(errors.Conflict, match="over"):
        visit.after(State.OVER, Action.MOVE)
    assert visit.refusals() == (NOT_NOW, OVER)


def test_where_nothing_is_refused_one_asks_what_follows() -> None:
    visit = Transitions(TABLE)
    assert visit.get((State.BEGUN, Action.END)) is State.OVER
    assert visit.get((State.OVER, Action.END)) is None
    assert visit.refusals() == ()


def test_it_knows_its_ends_and_what_leads_to_a_state() -> None:
    assert VISIT.ends == {State.OVER}
    assert VISIT.sources(State.AGREED) == {State.AGREED}
    assert VISIT.sources(State.OVER) == {State.BEGUN}


def test_the_diagram_has_an_arrow_for_each_row_of_the_table() -> None:
    assert VISIT.diagram() == [
        "stateDiagram-v2",
        "    [*] --> agreed",
        "    agreed --> agreed: move",
        "    agreed --> begun: begin",
        "    begun --> over: end",
        "    over --> [*]",
    ]


@pytest.mark.parametrize(("title", "source", "transitions"), machines())
def test_from_its_first_state_every_state_of_a_machine_can_be_reached(
    title: str, source: str, transitions: Transitions[str, str]
) -> None:
    states = {*transitions.values(), *(state for state, _ in transitions)}
    if transitions.first is None:
        return
    reached = {transitions.first}
    while more := {to for (state, _), to in transitions.items() if state in reached} - reached:
        reached |= more
    assert reached == states, f"{title} ({source})"
