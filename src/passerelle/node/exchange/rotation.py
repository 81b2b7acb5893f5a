"""Change keys by command: announced ahead, at once after a theft, and the root with its holders.

An ordinary rotation is announced: the card names the coming keys with their first instant, peers take
the card in the meantime, and the worker puts the keys in use when their time has come. After a theft
keys change at once and the old ones are revoked: what was receipted before stays valid, nothing
later is believed. The card keeps naming former keys, so that an old dossier still verifies.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction

from passerelle.exchange.publish import HOLDERS, RoleKeys, publish_root
from passerelle.exchange.seal import seal_key_id, wrap
from passerelle.exchange.suite import SUITES, SoftOpener, SoftSigner
from passerelle.exchange.trust import root_version
from passerelle.kernel.problems import RefusedError
from passerelle.kernel.times import format_instant, parse_instant
from passerelle.node.exchange import content, identity
from passerelle.node.exchange.files import write_durably
from passerelle.node.exchange.keyfile import (
    KEYS,
    ROLES,
    ROOT,
    opener,
    opener_object,
    roles_object,
    seal_file,
    signer,
    signer_object,
    unseal_file,
)
from passerelle.node.exchange.keystore import KeyStore
from passerelle.node.exchange.models import BodyKey, Entry
from passerelle.node.exchange.station import Station, open_station

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

__all__ = [
    "PARTS",
    "promote",
    "retire_openers",
    "rotate",
    "rotate_root",
    "rotate_storage",
]

PARTS: Final = ("log", "receipt", "offices", "bundle")
"""What may be rotated; ``offices`` are the seal keys and the signing keys of every office."""

LEAD: Final = timedelta(hours=48)
"""How long ahead coming keys are announced: longer than a peer's longest pause between refreshes."""


def rotate(
    folder: Path,
    parts: Sequence[str],
    now: datetime,
    *,
    passphrase: str = "",
    lead: timedelta = LEAD,
    stolen: bool = False,
) -> datetime:
    """Draw new keys; returns the instant from which they are used.

    Parameters
    ----------
    folder
        ``exchange`` in the data folder.
    parts
        Some of :data:`PARTS`.
    now
        The present instant.
    passphrase
        Of the key files.
    lead
        How long ahead they are announced.
    stolen
        Use them at once and revoke the old ones from now on.

    Raises
    ------
    RefusedError
        When a part is unknown, or already has keys to come.
    """
    found = unseal_file(folder, KEYS, passphrase)
    suite = SUITES[found["suite"]]
    begins = now if stolen else now + lead
    for part in _parts(found, parts):
        if any(one["part"] == part and _is_coming(one) for one in found.get("held", ())):
            raise RefusedError(
                "{part} already has a key to come.", code="exchange.key-coming", part=part
            )
        is_signer = part in {"log", "receipt"} or part.startswith("sign/")
        drawn: dict[str, Any] = {"part": part, "from": format_instant(begins)}
        if is_signer:
            drawn["sign"] = signer_object(SoftSigner.generate(suite, secrets.token_bytes))
        else:
            drawn["open"] = opener_object(SoftOpener.generate(suite, secrets.token_bytes))
        found.setdefault("held", []).append(drawn)
    if stolen:
        _promote(found, now, revoked=True)
    seal_file(folder, KEYS, found, passphrase, secrets.token_bytes)
    identity.publish(folder, now, passphrase=passphrase)
    return begins


def promote(folder: Path, now: datetime, *, passphrase: str = "") -> list[str]:
    """Put coming keys in use whose time has come; returns the parts."""
    held = identity.load(folder, passphrase).held
    if not any(one.window.until is None and one.window.since <= now for one in held):
        return []
    found = unseal_file(folder, KEYS, passphrase)
    done = _promote(found, now, revoked=False)
    if done:
        seal_file(folder, KEYS, found, passphrase, secrets.token_bytes)
        identity.publish(folder, now, passphrase=passphrase)
    return done


def _promote(found: dict[str, Any], now: datetime, *, revoked: bool) -> list[str]:
    done = []
    for one in list(found.get("held", ())):
        begins = parse_instant(one["from"])
        if not _is_coming(one) or begins > now:
            continue
        part, place, name = one["part"], *_place(found, one["part"])
        since = found.get("started", {}).get(part, found["since"])
        until = begins if revoked else begins + identity.OVERLAP
        former = {"part": part, "from": since, "until": format_instant(until)}
        if revoked:
            former["revoked"] = format_instant(begins)
        if "sign" in one:
            public = signer(place[name]).public_keys
            former["public"] = [[key.algorithm.value, key.raw.hex()] for key in public]
        else:
            former["open"] = place[name]
        place[name] = one.get("sign") or one["open"]
        found.setdefault("started", {})[part] = one["from"]
        found["held"].remove(one)
        found["held"].append(former)
        done.append(part)
    return done


def rotate_storage(folder: Path, now: datetime, *, passphrase: str = "") -> int:
    """Draw a new key that wraps dossier keys, wrap them anew, destroy the old one; returns how many.

    After a cut it is run again: both keys stay in the file until every dossier key is wrapped anew.
    """
    found = unseal_file(folder, KEYS, passphrase)
    if not found.get("old_storage"):
        found["old_storage"], found["storage"] = found["storage"], secrets.token_bytes(32).hex()
        found.setdefault("started", {})["storage"] = format_instant(now)
        seal_file(folder, KEYS, found, passphrase, secrets.token_bytes)
    new, old = bytes.fromhex(found["storage"]), bytes.fromhex(found["old_storage"])
    keys = KeyStore(folder / "keys" / "dossiers.sqlite3", new, secrets.token_bytes, old)
    count = keys.wrap_anew()
    del found["old_storage"]
    seal_file(folder, KEYS, found, passphrase, secrets.token_bytes)
    return count


def retire_openers(folder: Path, now: datetime, *, passphrase: str = "") -> int:
    """Destroy private keys of offices that ended, after keeping what only they can open.

    The key of every entry sealed to such a key is wrapped under its dossier key first. So erasing a
    dossier erases its contents for good: no office key is left that could open a header again.

    Returns
    -------
    int
        Number of private keys destroyed.
    """
    found = unseal_file(folder, KEYS, passphrase)
    suite = SUITES[found["suite"]]
    ended = [
        one
        for one in found.get("held", ())
        if "open" in one and one.get("until") and parse_instant(one["until"]) <= now
    ]
    if not ended:
        return 0
    node = open_station(folder, passphrase)
    names = {seal_key_id(opener(suite, one["open"]).seal_key) for one in ended}
    _keep_entry_keys(node, names)
    for one in ended:
        parts = opener(suite, one.pop("open")).seal_key.parts
        one["seal"] = [part.hex() for part in parts]
    seal_file(folder, KEYS, found, passphrase, secrets.token_bytes)
    return len(ended)


@transaction.atomic
def _keep_entry_keys(node: Station, names: set[str]) -> None:
    for entry in Entry.objects.filter(body_key=None).select_related("log").iterator(500):
        header = content.readable(entry)
        if header is None or header.body is None:
            continue
        if not names & {enc.key for enc in header.body.enc}:
            continue
        key, dossier = content.entry_key(node, entry, header), node.keys.find(entry.case)
        if key is not None and dossier is not None:
            wrapped = wrap(dossier, entry.entry_id, key.secret, secrets.token_bytes(12))
            BodyKey.objects.create(entry=entry, wrapped=wrapped)


def rotate_root(
    folder: Path, now: datetime, *, passphrase: str = "", roles: bool = False
) -> tuple[int, str]:
    """Let the holders hand over to new ones; returns the version and the file to hand round.

    Parameters
    ----------
    folder
        ``exchange`` in the data folder, with the holders' file back in it for the occasion.
    now
        The present instant.
    passphrase
        Of the key files.
    roles
        Also draw new keys of the online roles.
    """
    suite = identity.load(folder, passphrase).suite
    before = [signer(one) for one in unseal_file(folder, ROOT, passphrase)["root"]]
    online = unseal_file(folder, ROLES, passphrase)
    names = ("targets", "snapshot", "timestamp")
    kept = [signer(online[name]) for name in names]
    if roles:
        kept = [SoftSigner.generate(suite, secrets.token_bytes) for _ in names]
    holders = tuple(SoftSigner.generate(suite, secrets.token_bytes) for _ in range(HOLDERS))
    keys = RoleKeys(holders, kept[0], kept[1], kept[2])
    version = max(root_version(path.read_bytes()) for path in _roots(folder)) + 1
    data = publish_root(keys, now, version=version, signed_by=before[:3])
    # Order matters: holders and roles are safe before the root that names them is seen by anyone.
    value = {"root": [signer_object(one) for one in holders]}
    seal_file(folder, ROOT, value, passphrase, secrets.token_bytes)
    if roles:
        seal_file(folder, ROLES, roles_object(keys), passphrase, secrets.token_bytes)
    write_durably(folder / "trust" / f"{version}.root.json", data)
    identity.publish(folder, now, passphrase=passphrase)
    return version, str(folder / ROOT)


def _roots(folder: Path) -> list[Path]:
    return sorted((folder / "trust").glob("*.root.json"))


def _parts(found: dict[str, Any], parts: Sequence[str]) -> list[str]:
    """Spell the parts out: offices by name."""
    unknown = sorted(set(parts) - set(PARTS))
    if unknown:
        raise RefusedError(
            "Expected some of {parts}, got {found}.",
            code="exchange.key-part",
            parts=", ".join(PARTS),
            found=unknown[0],
        )
    named: list[str] = []
    for part in parts:
        each = [f"{kind}/{name}" for name in sorted(found["offices"]) for kind in ("seal", "sign")]
        named += each if part == "offices" else [part]
    return named


def _place(found: dict[str, Any], part: str) -> tuple[dict[str, Any], str]:
    """Say where the key in use of a part lies in the file."""
    kind, _, office = part.partition("/")
    if not office:
        return found, part
    return found["offices"][office], "open" if kind == "seal" else "sign"


def _is_coming(one: dict[str, Any]) -> bool:
    return "until" not in one
