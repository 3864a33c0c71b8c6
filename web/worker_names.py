"""Names of workers: machine, process and a mark of their own, so that one that died can be told from one that works."""

from __future__ import annotations

import os
import secrets
import socket

_here: set[str] = set()
"""The names that this process gave."""


def new_name() -> str:
    """A name for a worker of this process."""
    made = f"{socket.gethostname()}/{os.getpid()}/{secrets.token_hex(4)}"
    _here.add(made)
    return made


def is_gone(name: str) -> bool:
    """Whether the worker of this name ran on this machine in a process that is no more. Of other machines nobody here knows."""
    host, _, rest = name.partition("/")
    pid = rest.partition("/")[0]
    if host != socket.gethostname() or not pid.isdigit():
        return False
    if int(pid) == os.getpid():
        return name not in _here
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except (PermissionError, OverflowError):
        return False
    return False
