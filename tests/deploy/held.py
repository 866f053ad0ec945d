"""Processes held as compose.yaml holds containers: another user, no capability, nothing to write to.

By namespaces of the kernel and without root; where those are forbidden, processes run as they are.
"""

import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final

USER: Final = "10001"
_HOLD: Final = """
for writable in $WRITABLE; do mount --bind "$writable" "$writable"; done
mount -o remount,bind,ro /
exec unshare --user --map-user="$HELD_AS" --map-group="$HELD_AS" -- setpriv --no-new-privs "$@"
"""


def held(command: Sequence[str], writable: Sequence[Path]) -> list[str]:
    """Return a command that runs another one so held; no writable folder has a space in its name."""
    if not can_hold():
        return list(command)
    told = [f"WRITABLE={' '.join(map(str, writable))}", f"HELD_AS={USER}"]
    mounting = ["unshare", "--user", "--map-root-user", "--mount", "/bin/sh", "-eu", "-c", _HOLD, "hold"]
    return ["env", *told, *mounting, *command]


@cache
def can_hold() -> bool:
    """Answer whether this machine lets us."""
    command = [
        "unshare", "--user", "--map-root-user", "--mount", "/bin/sh", "-c",
        "mount -o remount,bind,ro / && exec unshare --user --map-user=1 setpriv --no-new-privs true",
    ]  # fmt: skip
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False
