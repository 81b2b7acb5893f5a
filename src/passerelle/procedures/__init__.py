"""What may be asked, answered, by whom, by when. Definitions as data, one engine, guards.

Two states cooperate by *acts* on a *dossier* under a *procedure*. A definition (``definitions/*.toml``)
says who may do what, in which state, with which fields and by when. The engine folds acts into a
dossier and is a pure function, so both nodes compute the same state, deadlines and figures::

    definition   the shape of a procedure          loading, soundness   read it, check it whole
    values       act, refusal, step, deadline      schema, content      what fields may hold
    dossier      a matter, computed from acts      engine               open, apply, fold, allowed
    ordering     two logs into one sequence        deadlines, calendars who must act until when
    profile      what two states agreed            sharing              what the partner sees
    view, forms  for pages and the API             counting             figures both sides agree on
    guards       rules that nobody can switch off  families             which guards are mandatory
"""
