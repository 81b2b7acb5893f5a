"""Dossiers about a person: who may open one, what was read, what is erased, what the lawyer holds.

Rules about *what may be said* stand in the fold (``passerelle.procedures.guards``). Here stand those about
*who sees it*: access by designated officials file by file (S27), a log of every reading (S26), erasure that
leaves the proof (S32), the exact copy for the person (S22), the independent auditor's view (S50).
"""
