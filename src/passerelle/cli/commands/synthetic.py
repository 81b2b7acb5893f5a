"""``passerelle synthetic``: invented persons for tests and demonstrations."""

from __future__ import annotations

import json
from random import Random

import click


@click.command()
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same persons.")
@click.option("--number", type=click.IntRange(1, 1000), default=1, show_default=True)
@click.option("--corridor", default="fr-ma", show_default=True, help="Corridor in the envelope.")
@click.option("--nationality", default="MA", show_default=True, help="Nationality in the envelope.")
def command(seed: int, number: int, corridor: str, nationality: str) -> None:
    """Print invented persons as envelopes of requests, one JSON object a line.

    Names say that they are invented, document numbers begin with SYN, places are of no country.
    """
    from passerelle.procedures.synthetic import synthetic_person

    rng = Random(seed)  # noqa: S311 - invented persons, no secret
    for place in range(1, number + 1):
        person = synthetic_person(rng)
        envelope = person.envelope(f"SYN-{seed}-{place}", corridor, nationality)
        click.echo(json.dumps(envelope, ensure_ascii=False, sort_keys=True))
