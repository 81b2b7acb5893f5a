"""The measurements behind ``passerelle bench``: one module each, with an attribute ``command``.

Each writes one result file a run with :func:`~passerelle.cli.benches.results.write_result`; no
figure in the documentation comes from anywhere else.
"""
