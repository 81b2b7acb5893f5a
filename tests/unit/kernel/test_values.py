from datetime import UTC, datetime, timedelta

import pytest

from passerelle.kernel.canonical import canonical_bytes, digest
from passerelle.kernel.capabilities import capability, catalogue
from passerelle.kernel.clock import FixedClock, SystemClock
from passerelle.kernel.counts import Count, Stage, Unit
from passerelle.kernel.ids import is_code, is_slug, new_id
from passerelle.kernel.labels import Labels
from passerelle.kernel.problems import InputError, Issue, RefusedError
from passerelle.kernel.times import Interval

DAY = Interval(datetime(2024, 7, 24, tzinfo=UTC), datetime(2024, 7, 25, tzinfo=UTC))


def test_catalogue_names_every_capability_in_three_languages() -> None:
    codes = list(catalogue())

    assert "eod" in codes
    assert all(item.labels.ar != item.labels.en for item in catalogue().values())
    assert capability("eod").unit_people == 2
    assert capability("k9_explosives").unit_animals == 1


def test_unknown_capability_is_refused_with_the_known_ones() -> None:
    with pytest.raises(RefusedError, match=r"Unknown capability tanks; expected one of patrol"):
        capability("tanks")


def test_canonical_form_ignores_the_order_of_keys() -> None:
    assert (
        canonical_bytes({"b": 1, "a": [True, None, "é"]}) == '{"a":[true,null,"é"],"b":1}'.encode()
    )
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})


def test_labels_need_all_three_languages() -> None:
    labels = Labels("offre", "offer", "عرض مساهمة")

    assert labels.get("fr-MA") == "offre"
    assert labels.get("de") == "offer"
    with pytest.raises(ValueError, match="'ar'"):
        Labels("offre", "offer", " ")
    with pytest.raises(ValueError, match="fr, en and ar"):
        Labels.from_mapping({"fr": "offre", "en": "offer"})


def test_a_count_cannot_be_negative() -> None:
    assert Count(2, Unit.PEOPLE, Stage.OFFERED, "STE", DAY).figure == 2
    with pytest.raises(ValueError, match="figure >= 0"):
        Count(-1, Unit.PEOPLE, Stage.OFFERED, "STE", DAY)


def test_input_error_lists_every_issue_by_place() -> None:
    later = Issue("sessions.csv", 9, "start", "programme.time", "an instant with offset", "soon")
    first = Issue("sessions.csv", 2, "venue_id", "programme.venue", "a code of venues.csv", "XXX")

    error = InputError([later, first])

    assert error.issues == (first, later)
    assert str(first) == "sessions.csv:2 [venue_id]: expected a code of venues.csv, found 'XXX'"
    assert error.exit_code == 4
    assert error.code == "programme.venue"


def test_fixed_clock_moves_only_by_hand() -> None:
    clock = FixedClock(datetime(2024, 4, 22, 9, tzinfo=UTC))

    assert clock.now() == clock.now()
    assert clock.advance(timedelta(days=1)) == datetime(2024, 4, 23, 9, tzinfo=UTC)
    assert SystemClock().now().microsecond == 0


def test_ids_and_codes() -> None:
    assert new_id(lambda n: bytes(range(n))) == "000102030405060708090a0b0c0d0e0f"
    assert is_code("P-FBL01")
    assert not is_code("../etc")
    assert is_slug("paris-2024")
    assert not is_slug("Paris 2024")
