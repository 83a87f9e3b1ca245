"""Become another program that dies with its parent: `python -I -S launch.py PARENT SIGNAL UID GID COMMAND...`.

A program of its own rather than a `preexec_fn`, which is not safe in a process with threads. It starts as the parent's
user, so that it can be read where the other user cannot look; UID and GID are "-" to stay that user.
"""

from __future__ import annotations

import ctypes
import os
import sys

_PR_SET_PDEATHSIG = 1


def main() -> None:
    parent, death_signal, uid, gid, *command = sys.argv[1:]
    if uid != "-":
        os.setgroups([])
        os.setgid(int(gid))
        os.setuid(int(uid))
    # After the change of user, which would clear it. Kept across exec.
    if sys.platform == "linux" and ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(death_signal)) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")
    if os.getppid() != int(parent):
        sys.exit("the parent ended before the start")
    os.execv(command[0], command)  # noqa: S606 (the servers we install)


if __name__ == "__main__":
    main()
