"""A small published plan that went through the demand model."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.factories.events import make_event, make_session
from tests.factories.roster import START, host_force

from passerelle.kernel.times import Interval
from passerelle.planning.need import assess
from passerelle.planning.repair import Published
from passerelle.planning.roster.build import build_instance
from passerelle.planning.roster.solve import SolveParams, solve
from passerelle.planning.roster.stop import Stop


@pytest.fixture(scope="session")
def planned() -> Published:
    """A match on each of two days, planned with crews to spare."""
    first = make_session(id="M1", start=START + timedelta(days=1, hours=15), attendance=4000)
    second = make_session(id="M2", start=START + timedelta(days=3, hours=15), attendance=4000)
    event = make_event(first, second, period=Interval(START, START + timedelta(days=6)))
    need = assess(event)
    instance = build_instance(event, need, host_force(need.capabilities, event.period))
    result = solve(instance, Stop(iterations=40), params=SolveParams(threads=1))
    assert result.plan is not None
    return Published(event, instance, result.plan)
