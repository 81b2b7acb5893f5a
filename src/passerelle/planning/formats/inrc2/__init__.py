"""The files of the second international nurse rostering competition (INRC-II): read, solve, score, invent."""
