"""What a planner does on pages: import, solve, stop, publish, prefer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.files.uploadedfile import SimpleUploadedFile
from tests.factories.node import SESSIONS, VENUES

from passerelle.node.events.models import Event
from passerelle.node.jobs.models import Job

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from passerelle.node.plans.models import PlanVersion


def upload(**texts: str) -> dict[str, list[SimpleUploadedFile]]:
    files = [
        SimpleUploadedFile(f"{name}.csv", text.encode("utf-8"), "text/csv")
        for name, text in texts.items()
    ]
    return {"files": files}


def test_wrong_rows_are_listed_with_file_line_and_column(signed_in: Callable[..., Client]) -> None:
    client = signed_in("planner")
    wrong = SESSIONS.replace("STE", "XXX")

    answer = client.post("/import", upload(venues=VENUES, sessions=wrong))

    text = answer.content.decode()
    assert answer.status_code == 422
    assert "sessions.csv" in text
    assert "venue_id" in text
    assert "XXX" in text
    assert not Event.objects.exists()


def test_no_files_is_a_refusal_not_a_fault(signed_in: Callable[..., Client]) -> None:
    assert signed_in("planner").post("/import", {}).status_code == 422


def test_solve_queues_a_job_and_the_page_shows_it(
    make_plan: Callable[[int], PlanVersion], signed_in: Callable[..., Client]
) -> None:
    client = signed_in("planner")
    code = make_plan(1).event.code

    answer = client.post(f"/e/{code}/plan/solve", {"seconds": "30"})

    job = Job.objects.get(event__code=code)
    page = client.get(f"/e/{code}/plan").content.decode()
    assert answer.status_code == 302
    assert job.params["seconds"] == 30
    assert f'data-live="/e/{code}/jobs/{job.key}/live"' in page


def test_live_part_ends_with_286_when_the_job_is_over(
    make_plan: Callable[[int], PlanVersion], signed_in: Callable[..., Client]
) -> None:
    client = signed_in("planner")
    code = make_plan(1).event.code
    client.post(f"/e/{code}/plan/solve", {"seconds": "30"})
    key = Job.objects.get(event__code=code).key
    ask = {"HX-Request": "true", "HX-Target": "live"}

    before = client.get(f"/e/{code}/jobs/{key}/live", headers=ask)
    client.post(f"/e/{code}/jobs/{key}/stop")
    after = client.get(f"/e/{code}/jobs/{key}/live", headers=ask)

    assert (before.status_code, after.status_code) == (200, 286)
    assert b"<progress" in before.content


def test_publish_needs_the_state_that_was_seen(
    make_plan: Callable[[int], PlanVersion], signed_in: Callable[..., Client]
) -> None:
    client = signed_in("planner")
    version = make_plan(1)
    url = f"/e/{version.event.code}/plan/1/publish"

    stale = client.post(url, {"seen": "7"})
    fresh = client.post(url, {"seen": ""})

    version.refresh_from_db()
    assert (stale.status_code, fresh.status_code) == (409, 302)
    assert version.state == "published"


def test_a_published_version_shows_what_it_changed_and_offers_nothing_to_publish(
    make_plan: Callable[[int], PlanVersion], signed_in: Callable[..., Client]
) -> None:
    client = signed_in("planner")
    version = make_plan(1)
    url = f"/e/{version.event.code}/plan/1/publish"
    asked = client.get(url).content
    client.post(url, {"seen": ""})

    told = client.get(url).content
    overview = client.get(f"/e/{version.event.code}/plan").content

    assert b'name="seen"' in asked
    assert b'name="seen"' not in told
    assert b'class="figures"' in told
    assert f'href="{url}"'.encode() in overview


def test_preferences_are_kept_and_go_back_only_here(signed_in: Callable[..., Client]) -> None:
    client = signed_in("planner")

    answer = client.post("/preferences", {"theme": "dark", "next": "https://elsewhere.example/"})

    assert answer["Location"] == "/"
    assert answer.cookies["desk_theme"].value == "dark"
    assert "desk_keys" not in answer.cookies
