"""Which side folds the whole procedure, and which its shared view."""

from __future__ import annotations

import pytest
from tests.factories.dossiers import procedure

from passerelle.procedures.loading import DEFINITIONS, definition
from passerelle.procedures.sharing import home_side, shared_view


@pytest.mark.parametrize("name", DEFINITIONS)
def test_at_most_one_side_holds_what_never_leaves(name: str) -> None:
    found = definition(name)

    assert home_side(found) in {"", *found.sides}
    assert (home_side(found) == "") is (shared_view(found) is found)


def test_the_requesting_state_holds_the_drafts_of_an_identification() -> None:
    assert home_side(definition("identification")) == "requesting"
    assert home_side(definition("reinforcement")) == ""
    assert procedure("reinforcement").definition is shared_view(definition("reinforcement"))
