"""Starts `cardwright worker` again and again in processes of their own, without importing it each time.

A line on the standard input starts a worker, and its process id is answered. With `--hasty` workers take
others for dead after seconds, so that tests of crashes need not wait.
"""

import gc
import os
import signal
import sys
from datetime import timedelta

from cardwright import cli, worker
from cardwright.db import jobs
from cardwright.notifications import domain
from cardwright.webhooks import sending


def _be_hasty() -> None:
    worker._LOST_AFTER = timedelta(seconds=2)  # type: ignore[misc]
    jobs.FIRST_PAUSE_SECONDS = 0.1  # type: ignore[misc]
    domain.ATTEMPT_LEASE = timedelta(seconds=2)  # type: ignore[misc]
    sending.HELD_FOR = timedelta(seconds=2)  # type: ignore[misc]


def serve() -> None:
    """Start a worker per line until the input ends."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    gc.freeze()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            log = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
            for stream in (0, 1, 2):
                os.dup2(log, stream)
            sys.argv = ["cardwright", "worker"]
            cli.app()
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    if "--hasty" in sys.argv:
        _be_hasty()
    serve()
