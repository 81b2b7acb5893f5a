"""The pages: what a planner sees, in three languages, from the facts that the node keeps.

Three folders carry it. ``boards`` compute what a page shows, as plain values, from the node's
queries; ``drawings`` turn values into SVG; ``views`` speak HTTP. Templates only place things.
"""
