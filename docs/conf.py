"""Build of the documentation: Markdown pages and the docstrings of the public packages."""

from __future__ import annotations

from passerelle import __version__

project = "Passerelle"
copyright = "the Passerelle contributors, Apache-2.0"  # noqa: A001 - the name is Sphinx's
release = __version__
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
html_theme = "furo"
html_title = f"Passerelle {__version__}"
suppress_warnings = ["myst.xref_missing"]
