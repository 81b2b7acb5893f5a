"""Three laws hold over every history: nothing negative, nothing released uncommitted, only Com allocates."""

from hypothesis import given, settings
from hypothesis import strategies as st

from passerelle.standards.rm.allocation import Allocation
from passerelle.standards.rm.lots import Event, LotState
from passerelle.standards.rm.rules import Breach

COMMITS = {Event.COMMIT, Event.COMMIT_UPDATE}
HISTORY = st.lists(
    st.tuples(st.sampled_from(list(Event)), st.none() | st.integers(0, 12)), max_size=30
)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(asked=st.integers(1, 12), history=HISTORY)
def test_the_laws_of_allocation(asked: int, history: list[tuple[Event, int | None]]) -> None:
    state = Allocation().then(Event.REQUEST, asked)
    assert isinstance(state, Allocation)
    committed = released = 0
    for event, quantity in history:
        after = state.then(event, quantity)
        if isinstance(after, Breach):
            continue
        grown = after.allocated - state.allocated
        assert grown <= 0 or event in COMMITS
        committed += max(grown, 0)
        if event in {Event.RELEASE, Event.MOVE_BACK}:
            released += after.quantity(LotState.RELEASED) - state.quantity(LotState.RELEASED)
        assert released <= committed
        assert all(lot.quantity >= 1 for lot in after.lots)
        state = after
