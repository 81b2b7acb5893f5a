"""The counting contract: what is counted, once, and how figures are made public.

Both sides compute from the shared facts of the same dossiers, so they get the same bytes. Every figure
names its numerator, denominator, cohort, cut-off and definition version. Nothing here knows a person.
"""
