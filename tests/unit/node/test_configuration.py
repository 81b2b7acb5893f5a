from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from passerelle.kernel.problems import InputError
from passerelle.node.configuration import SECRETS, Configuration, load

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import os

    for name in list(os.environ):
        if name.startswith("PASSERELLE_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PASSERELLE_DATA", str(tmp_path))


def test_variables_win_over_the_file_and_the_file_over_defaults(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "passerelle.toml").write_text('port = 9000\nnode = "ma"\n', "utf-8")
    monkeypatch.setenv("PASSERELLE_PORT", "9001")

    found = load()

    assert (found.port, found.node, found.language) == (9001, "ma", "fr")


def test_all_mistakes_are_reported_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "passerelle.toml").write_text('port = 0\nprot = 1\nlanguage = "de"\n', "utf-8")
    monkeypatch.setenv("PASSERELLE_TIME_ZONE", "Mars/Olympus")
    monkeypatch.setenv("PASSERELLE_LANGAUGE", "fr")

    with pytest.raises(InputError) as error:
        load()

    assert {(issue.file, issue.column) for issue in error.value.issues} == {
        ("passerelle.toml", "port"),
        ("passerelle.toml", "prot"),
        ("passerelle.toml", "language"),
        ("environment", "PASSERELLE_TIME_ZONE"),
        ("environment", "PASSERELLE_LANGAUGE"),
    }
    assert all(issue.expected for issue in error.value.issues)


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "passerelle.toml").write_text("port = \n", "utf-8")

    with pytest.raises(InputError, match=r"passerelle\.toml"):
        load()


def test_a_secret_may_come_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("k" * 40 + "\n", "utf-8")
    monkeypatch.setenv("PASSERELLE_SECRET_KEY_FILE", str(tmp_path / "key"))

    assert load().secret_key.get_secret_value() == "k" * 40


def test_secrets_are_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PASSERELLE_SECRET_KEY", "s" * 40)
    monkeypatch.setenv("PASSERELLE_DATABASE_URL", "postgresql://u:pass-word@h/n")
    monkeypatch.setenv("PASSERELLE_EXCHANGE_PASSPHRASE", "p" * 40)

    found = load()

    assert "s" * 40 not in f"{found.shown()}{found!r}"
    assert "pass-word" not in f"{found.shown()}{found!r}"
    assert {name: found.shown()[name] for name in SECRETS} == dict.fromkeys(SECRETS, "(set)")


@pytest.mark.parametrize("name", sorted(SECRETS))
def test_a_wrong_secret_is_not_repeated(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(f"PASSERELLE_{name.upper()}", "oops:secret")

    with pytest.raises(InputError) as error:
        load()

    assert "secret" not in "".join(issue.found for issue in error.value.issues)


def test_every_setting_has_a_line_in_the_operators_guide(project_root: Path) -> None:
    page = (project_root / "docs" / "operator" / "settings.md").read_text("utf-8")

    documented = set(re.findall(r"^\| `([a-z_]+)` \| `PASSERELLE_", page, re.MULTILINE))

    assert documented == set(Configuration.model_fields)
