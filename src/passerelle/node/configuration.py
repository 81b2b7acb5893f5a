"""The settings of a node: ``PASSERELLE_*`` variables, then ``passerelle.toml``, then defaults.

Every setting is a field of :class:`Configuration`; ``docs/operator/settings.md`` has a line for each
(a test proves it). A secret may be given as a file: ``PASSERELLE_SECRET_KEY_FILE``. All mistakes are
reported at once, when the settings are read, each with what was expected.

``passerelle.toml`` lies in the data folder. The data folder itself is named by ``PASSERELLE_DATA``
or by the command line, never by the file that lies in it.
"""

from __future__ import annotations

import os
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from passerelle.kernel.labels import LANGUAGES
from passerelle.kernel.problems import InputError, Issue

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CONFIG_NAME", "SECRETS", "Configuration", "LogFormat", "configuration", "load"]

PREFIX: Final = "PASSERELLE_"
CONFIG_NAME: Final = "passerelle.toml"
SECRETS: Final = frozenset({"secret_key", "database_url", "exchange_passphrase"})
"""Settings never shown, which may also be given as the name of a file (``PASSERELLE_…_FILE``)."""

NOT_SETTINGS: Final = frozenset(
    {
        "PASSERELLE_ROOT",
        "PASSERELLE_VENV",
        "PASSERELLE_PYTHON",
        "PASSERELLE_SHARED",
        "PASSERELLE_SCALE",
        "PASSERELLE_SERVED",
    }
)
"""Variables of the launcher and of the tests, which share the prefix."""


class LogFormat(StrEnum):
    """How log lines are written."""

    CONSOLE = "console"
    JSON = "json"


def _is_language(code: str) -> str:
    if code not in LANGUAGES:
        raise ValueError(f"one of {', '.join(LANGUAGES)}")
    return code


def _is_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("a zone of the IANA database, for example Europe/Paris")
    return name


def _is_database(url: SecretStr) -> SecretStr:
    text = url.get_secret_value()
    if text and urlsplit(text).scheme not in {"sqlite", "postgresql", "postgres"}:
        raise ValueError("an address that begins with sqlite:/// or postgresql://")
    return url


def _is_long(key: SecretStr) -> SecretStr:
    if key.get_secret_value() and len(key.get_secret_value()) < 32:
        raise ValueError("32 characters or more")
    return key


class Configuration(BaseSettings):
    """Hold every setting of one node, checked.

    Notes
    -----
    The descriptions are shown by ``passerelle config``.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, extra="forbid", frozen=True, validate_default=True
    )

    data: Path = Field(default=Path("var/node"), description="Folder of everything the node keeps.")
    node: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40)] = Field(
        default="fr", description="Short name of the node, unique among its partners."
    )
    state: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] = Field(
        default="FR", description="State that runs the node, two letters of ISO 3166."
    )
    exercise: Annotated[str, Field(pattern=r"^([a-z0-9-]{1,40}:[0-9a-f]{16})?$")] = Field(
        default="", description="Exercise that the node plays, set when it is made; empty: real."
    )
    title: str = Field(
        default="Passerelle", max_length=80, description="Name shown in the top bar."
    )
    database_url: Annotated[SecretStr, AfterValidator(_is_database)] = Field(
        default=SecretStr(""), description="Database; empty means SQLite in the data folder."
    )
    database_wait_s: Annotated[int, Field(ge=1, le=120)] = Field(
        default=15, description="Longest wait for a locked SQLite database, seconds."
    )
    secret_key: Annotated[SecretStr, AfterValidator(_is_long)] = Field(
        default=SecretStr(""), description="Key of sessions; empty means the data folder's own."
    )
    exchange_endpoint: str = Field(
        default="",
        pattern=r"^(https://.+|http://(127\.0\.0\.1|localhost|\[::1\])(:\d+)?/?)?$",
        description="Address under which peers reach the node; empty behind an air gap.",
    )
    exchange_authorities: Path | None = Field(
        default=None,
        description="Authorities (PEM) of peers' certificates; empty means those of the system.",
    )
    exchange_pins: tuple[Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")], ...] = Field(
        default=(),
        description="SHA-256 of further TLS keys that peers may meet: of a proxy, or to come.",
    )
    exchange_passphrase: Annotated[SecretStr, AfterValidator(_is_long)] = Field(
        default=SecretStr(""),
        description="Protects the keys of the exchange; empty means one kept in the data folder.",
    )
    host: str = Field(default="127.0.0.1", description="Address on which the pages are served.")
    port: Annotated[int, Field(ge=1, le=65535)] = Field(
        default=8600, description="Port on which the pages are served."
    )
    web_processes: Annotated[int, Field(ge=1, le=64)] = Field(
        default=1, description="Processes that answer pages."
    )
    allowed_hosts: tuple[str, ...] = Field(
        default=("localhost", "127.0.0.1", "[::1]"),
        description="Names under which the node may be called.",
    )
    https: bool = Field(
        default=False, description="Whether visitors come over HTTPS: secure cookies and HSTS."
    )
    tls_certificate: Path | None = Field(
        default=None, description="Certificate chain (PEM) when the node itself serves HTTPS."
    )
    tls_key: Path | None = Field(
        default=None, description="Private key (PEM) that belongs to the certificate."
    )
    language: Annotated[str, AfterValidator(_is_language)] = Field(
        default="fr", description="Language for visitors who have not chosen one."
    )
    disputed_borders: Annotated[str, Field(pattern=r"^(dashed|plain|none)$")] = Field(
        default="dashed", description="How the map draws disputed borders: dashed, plain or none."
    )
    time_zone: Annotated[str, AfterValidator(_is_zone)] = Field(
        default="Europe/Paris", description="Zone shown beside the zone of an event."
    )
    session_hours: Annotated[int, Field(ge=1, le=24 * 14)] = Field(
        default=12, description="Hours after which one must sign in again."
    )
    second_factor: bool = Field(
        default=True, description="Whether everybody must hold a passkey or an authenticator."
    )
    public_pages: bool = Field(
        default=False,
        description="Whether anybody may read the public pages of joint groups, without signing in.",
    )
    upload_max_mb: Annotated[int, Field(ge=1, le=512)] = Field(
        default=32, description="Largest upload, megabytes."
    )
    import_max_rows: Annotated[int, Field(ge=1, le=2_000_000)] = Field(
        default=200_000, description="Most rows in one file of an event folder."
    )
    plan_seconds: Annotated[int, Field(ge=1, le=86_400)] = Field(
        default=60, description="Time given to a solve when nobody asks for another, seconds."
    )
    lease_seconds: Annotated[int, Field(ge=5, le=3600)] = Field(
        default=30, description="Time after which a silent worker's job goes to another, seconds."
    )
    solve_threads: Annotated[int, Field(ge=1, le=256)] = Field(
        default=2, description="Threads that one solve may use."
    )
    log_format: LogFormat = Field(
        default=LogFormat.CONSOLE, description="console or json (one object a line)."
    )
    log_level: Annotated[str, Field(pattern="^(debug|info|warning|error)$")] = Field(
        default="info", description="Least level that is logged."
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Order the sources: arguments, variables, secrets in files, ``passerelle.toml``."""
        del dotenv_settings, file_secret_settings
        file = Path(os.environ.get(f"{PREFIX}DATA", cls.model_fields["data"].default)) / CONFIG_NAME
        return (
            init_settings,
            env_settings,
            _SecretFiles(settings_cls),
            TomlConfigSettingsSource(settings_cls, file),
        )

    def shown(self) -> dict[str, object]:
        """Return every setting as it may be printed: secrets only as set or not set."""
        values = self.model_dump(mode="json")
        for name in SECRETS:
            values[name] = "(set)" if getattr(self, name).get_secret_value() else "(default)"
        return values


class _SecretFiles(EnvSettingsSource):
    """Read ``PASSERELLE_SECRET_KEY_FILE`` and its like: the content of the file is the secret."""

    def __call__(self) -> dict[str, Any]:  # Any: the signature of pydantic-settings
        found: dict[str, Any] = {}
        for name in SECRETS:
            path = os.environ.get(f"{PREFIX}{name.upper()}_FILE")
            if path and Path(path).is_file():
                found[name] = Path(path).read_text("utf-8").strip()
        return found


def load(environment: Mapping[str, str] | None = None) -> Configuration:
    """Read and check all settings.

    Parameters
    ----------
    environment
        Only its names are looked at, to find misspelt variables; the process's own by default.

    Raises
    ------
    InputError
        With one issue for each mistake, in whichever source it stands.
    """
    names = os.environ if environment is None else environment
    issues = [*_unknown_variables(names), *_unreadable_secrets(names)]
    found: Configuration | None = None
    try:
        found = Configuration()
    except ValidationError as error:
        issues += [_issue(dict(one)) for one in error.errors()]
    except (OSError, ValueError) as error:  # tomllib refuses the file, or nobody may read it
        issues.append(Issue(CONFIG_NAME, 0, "", "settings.toml", "a TOML file", str(error)))
    if issues or found is None:
        raise InputError(issues)
    return found


@cache
def configuration() -> Configuration:
    """Return the settings of this process, read once."""
    return load()


def _unknown_variables(names: Mapping[str, str]) -> list[Issue]:
    known = {f"{PREFIX}{name.upper()}" for name in Configuration.model_fields}
    known |= {f"{PREFIX}{name.upper()}_FILE" for name in SECRETS} | NOT_SETTINGS
    return [
        Issue("environment", 0, name, "settings.unknown", "the name of a setting", name)
        for name in names
        if name.startswith(PREFIX) and name not in known
    ]


def _unreadable_secrets(names: Mapping[str, str]) -> list[Issue]:
    variables = [f"{PREFIX}{name.upper()}_FILE" for name in sorted(SECRETS)]
    return [
        Issue("environment", 0, name, "settings.no-secret-file", "a readable file", names[name])
        for name in variables
        if names.get(name) and not Path(names[name]).is_file()
    ]


def _issue(error: Mapping[str, Any]) -> Issue:  # Any: pydantic's own shape
    name = ".".join(str(part) for part in error["loc"])
    given = f"{PREFIX}{name.upper()}" in os.environ
    source, column = ("environment", f"{PREFIX}{name.upper()}") if given else (CONFIG_NAME, name)
    if error["type"] == "extra_forbidden":
        return Issue(source, 0, column, "settings.unknown", "the name of a setting", name)
    expected = str(error["msg"]).removeprefix("Value error, ")
    expected = expected.removeprefix("Input should be ")
    found = "" if name in SECRETS else str(error["input"])
    return Issue(source, 0, column, "settings.invalid", expected, found)
