"""Dossiers of this node: what was said to whom under which procedure, and what follows from it.

The record of the exchange holds every act; this app holds nothing that cannot be computed from it. A
row of :class:`~.models.Dossier` is a summary for lists, made anew whenever an act is said, arrives or
is receipted. The content of acts is opened from the record each time a dossier is folded: when the
key of a dossier is destroyed, nothing of it is left here.
"""
