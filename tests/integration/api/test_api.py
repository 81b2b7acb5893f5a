from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from passerelle.kernel.clock import SystemClock
from passerelle.node.accounts.actor import COMMAND_LINE
from passerelle.node.accounts.domain import issue_token

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from passerelle.node.accounts.models import User

pytestmark = pytest.mark.django_db

VENUES = """venue_id,name,city,lat,lon,capacity,country,timezone
STE,Stade Geoffroy-Guichard,Saint-Etienne,45.4607,4.3902,42000,FR,Europe/Paris
"""
SESSIONS = """session_id,venue_id,start,end,sport,phase,title,teams
F1,STE,2024-07-24T15:00:00+02:00,2024-07-24T17:00:00+02:00,Football,group,ARG v MAR,ARG-MAR
"""


def _archive(sessions: str = SESSIONS) -> io.BytesIO:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        archive.writestr("venues.csv", VENUES)
        archive.writestr("sessions.csv", sessions)
    sink.seek(0)
    sink.name = "small-cup.zip"
    return sink


@pytest.fixture
def planner(signed_in: Callable[..., Client]) -> Client:
    return signed_in("planner")


@pytest.fixture
def imported(planner: Client) -> Client:
    assert planner.post("/api/v1/events", {"folder": _archive()}).status_code == 201
    return planner


def _post(client: Client, path: str, body: dict[str, Any]) -> Any:
    return client.post(path, json.dumps(body), content_type="application/json")


def test_nobody_is_let_in_without_signing_in(client: Client) -> None:
    answer = client.get("/api/v1/events")

    assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")
    assert answer.json()["code"] == "api.unauthenticated"


def test_a_session_without_second_factor_is_not_enough(
    make_user: Callable[..., User], client: Client
) -> None:
    client.force_login(make_user("planner"))

    assert client.get("/api/v1/events").status_code == 401


def test_a_token_acts_for_its_user(make_user: Callable[..., User], client: Client) -> None:
    secret = issue_token(
        make_user("planner"),
        "test",
        30,
        actor=COMMAND_LINE,
        clock=SystemClock(),
        token=lambda: "tok",
    )

    good = client.get("/api/v1/events", headers={"Authorization": f"Bearer {secret}"})
    bad = client.get("/api/v1/events", headers={"Authorization": "Bearer other"})

    assert (good.status_code, good.json(), bad.status_code) == (200, [], 401)


def test_an_event_is_imported_listed_and_exported(imported: Client) -> None:
    listed = imported.get("/api/v1/events").json()
    folder = imported.get("/api/v1/events/small-cup/folder").content

    assert [(event["code"], event["n_sessions"]) for event in listed] == [("small-cup", 1)]
    with zipfile.ZipFile(io.BytesIO(folder)) as archive:
        assert archive.read("small-cup/sessions.csv").decode() == SESSIONS


def test_every_wrong_row_is_named(planner: Client) -> None:
    wrong = SESSIONS.replace("STE", "NOWHERE").replace("17:00:00", "13:00:00")

    answer = planner.post("/api/v1/events", {"folder": _archive(wrong)})

    assert answer.status_code == 422
    pointers = [issue["pointer"] for issue in answer.json()["issues"]]
    assert "/sessions.csv/2/venue_id" in pointers
    assert len(pointers) >= 2
    assert planner.get("/api/v1/events").json() == []


def test_a_need_is_computed_listed_and_bounded(imported: Client) -> None:
    made = imported.post("/api/v1/events/small-cup/need")
    figures = imported.get("/api/v1/events/small-cup/need/figures?site=STE&limit=3").json()

    assert made.status_code == 201
    assert made.json()["n_figures"] > 3
    assert [figure["row"] for figure in figures] == [0, 1, 2]
    assert {figure["site"] for figure in figures} == {"STE"}


def test_a_solve_is_queued_once_and_stopped(imported: Client) -> None:
    imported.post("/api/v1/events/small-cup/need")

    first = _post(imported, "/api/v1/events/small-cup/plans", {"seconds": 5})
    second = _post(imported, "/api/v1/events/small-cup/plans", {"seconds": 5})
    stopped = imported.post(f"/api/v1/jobs/{first.json()['key']}/stop")

    assert (first.status_code, first.json()["state"]) == (202, "queued")
    assert (second.status_code, second.json()["code"]) == (409, "plan.busy")
    assert stopped.json()["state"] == "cancelled"


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/v1/events/nothing", 404, "event.unknown"),
        ("/api/v1/events/small-cup/need", 404, "need.unknown"),
        ("/api/v1/events/small-cup/plans/9", 404, "plan.unknown"),
        ("/api/v1/jobs/none", 404, "job.unknown"),
        ("/api/v1/jobs?limit=0", 422, "api.invalid"),
    ],
)
def test_errors_have_codes(imported: Client, path: str, status: int, code: str) -> None:
    answer = imported.get(path)

    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_what_a_role_may_not_do_is_refused(signed_in: Callable[..., Client]) -> None:
    operator = signed_in("operator")

    answer = operator.get("/api/v1/events")

    assert (answer.status_code, answer.json()["code"]) == (403, "accounts.not-permitted")


def test_a_browser_needs_its_csrf_token(imported: Client) -> None:
    from django.test import Client as Plain

    strict = Plain(enforce_csrf_checks=True)
    strict.cookies = imported.cookies

    assert strict.post("/api/v1/events/small-cup/need").status_code == 403


def test_lists_need_as_many_queries_for_one_as_for_many(
    imported: Client, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(4):
        imported.get("/api/v1/events")
    for k in range(5):
        more = _archive()
        more.name = f"cup-{k}.zip"
        imported.post("/api/v1/events", {"folder": more})

    with django_assert_num_queries(4):
        assert len(imported.get("/api/v1/events").json()) == 6
