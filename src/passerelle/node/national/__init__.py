"""The log of national acts: what a state says to itself in a dossier and never to the partner.

Drafts, safeguard reviews, bars, the reason of a hold: acts that never leave. They stand in one Merkle log
of this node, ``NODE/local/national/epoch-1``, built as the logs between nodes are: headers are hashed, show
nothing but a place and a salted commitment, and the content lies sealed under the key of its dossier. Nothing here is ever sent; no function of the exchange reads these tables.
"""
