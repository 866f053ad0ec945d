"""Starts APIs and workers in processes of their own, without importing the product each time.

A line on the standard input, `api PORT` or `worker`, starts one, and its process id is answered.
"""

import gc
import os
import signal
import sys
from pathlib import Path

from cardwright import cli, serving  # noqa: F401 - the API's routes, which `serve` would load otherwise


def serve(logs: Path) -> None:
    """Start one per line until the input ends."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    gc.freeze()
    _say("ready")
    for number, line in enumerate(sys.stdin):
        child = os.fork()
        if child == 0:
            _become(line.split(), logs / f"{number}.log")
        _say(str(child))


def _become(asked: list[str], path: Path) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    log = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (0, 1, 2):
        os.dup2(log, stream)
    sys.argv = ["cardwright", *(["worker"] if asked[0] == "worker" else ["serve", "--port", asked[1]])]
    cli.app()


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
