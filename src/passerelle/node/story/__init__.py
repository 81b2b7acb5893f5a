"""The story of the demonstration: what the offices of two states say to each other, and when.

Two nodes play it, each moved by its own :mod:`.voice` (a process of that node, in which accounts with
roles speak through the same verbs as the pages), and other states answer as scripted :mod:`.peer` s
over the same exchange. :mod:`.script` holds the steps, :mod:`.plot` their words and instants. What was
said already is found in the record and not said again, so the story goes on wherever it was cut off.
"""
