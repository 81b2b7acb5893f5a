import pytest

from passerelle.standards.versions import FORMATS, VersionRange, common_version, format_card


@pytest.mark.parametrize(
    ("theirs", "version"),
    [
        (VersionRange(1, 1), None),
        (VersionRange(1, 2), 2),
        (VersionRange(2, 5), 2),
        (VersionRange(3, 5), None),
    ],
)
def test_both_use_the_highest_version_that_both_know(
    theirs: VersionRange, version: int | None
) -> None:
    assert common_version("edxl-de", {"edxl-de": theirs}) == version


def test_a_format_that_one_side_does_not_know_is_not_used() -> None:
    assert common_version("edxl-de", {}) is None
    assert common_version("morse", {"morse": VersionRange(1, 1)}) is None


def test_the_card_lists_every_format() -> None:
    assert format_card().keys() == FORMATS.keys()
    assert format_card()["edxl-rm"] == [1, 1]


def test_a_reversed_range_is_refused() -> None:
    with pytest.raises(ValueError, match="least <= most"):
        VersionRange(3, 2)
