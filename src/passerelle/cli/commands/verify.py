"""``passerelle verify``: prove offline what was said, from a pack."""

from __future__ import annotations

import click


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(arguments: tuple[str, ...]) -> int:
    """Verify PACK [PACK2] offline and say in words what was proved.

    Options: --root NODE=FINGERPRINT, --entry ENTRY, --absence CASE --before INSTANT, --language en|fr|ar,
    --json. Ends
    with 0 when all is proved, 1 when it is sound with remarks, 2 when it is broken. The same as the stand-alone file
    passerelle_verify.py.
    """
    from passerelle.exchange.standalone.passerelle_verify import main

    try:
        return main(list(arguments))
    except SystemExit as end:
        return int(end.code or 0)
