"""Choose the SQLite library of this process, before anything opens a database.

Python brings the library of its system: 3.40.1 on Debian 12, whose write-ahead log can be corrupted
when pages and worker both write. A pinned package carries a newer one. It takes the place of
``sqlite3``, so Django and all others use one and the same library: two of them in one process would
drop each other's file locks. Without the package the library of the system stays, with a rollback
journal, at a third of the commits.

References
----------
.. [1] SQLite documentation, "How To Corrupt An SQLite Database File", section 2.2.1: two copies of
   the library in one process.
"""

from __future__ import annotations

import sys
from typing import Final

__all__ = ["adopt_library"]

_NAMES: Final = ("sqlite3", "sqlite3.dbapi2")
_BACKEND: Final = "django.db.backends.sqlite3.base"


def adopt_library() -> str:
    """Put the packaged library in the place of ``sqlite3``; return the version in use.

    Nothing is changed once Django's backend is loaded: it has chosen already.
    """
    if _BACKEND not in sys.modules:
        try:
            import pysqlite3.dbapi2  # noqa: PLC0415 - optional extra
        except ImportError:
            pass
        else:
            for name, module in zip(_NAMES, (pysqlite3, pysqlite3.dbapi2), strict=True):
                sys.modules[name] = module
    import sqlite3  # noqa: PLC0415 - the library chosen above

    return sqlite3.sqlite_version
