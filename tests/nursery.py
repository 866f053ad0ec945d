"""Starts the worker or the API again and again in processes of their own, without importing it each time.

A line on the standard input says what to start, and its process id is answered: `worker` and `serve PORT` are
the commands of that name, and `api PORT FACTORY` serves an ASGI application (`package.module:function`). With
`--hasty` workers take others for dead after seconds, so that tests of crashes need not wait.
"""

import gc
import importlib
import os
import signal
import sys
from datetime import timedelta

import uvicorn

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
    """Start a process per line until the input ends."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        what, *given = line.split()
        if what != "worker":
            importlib.import_module(given[1].partition(":")[0] if what == "api" else "cardwright.serving")
        gc.freeze()
        child = os.fork()
        if child == 0:
            _become(what, given)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()


def _become(what: str, given: list[str]) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    log = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (0, 1, 2):
        os.dup2(log, stream)
    if what == "api":
        port, factory = given
        uvicorn.run(factory, factory=True, host="127.0.0.1", port=int(port), log_level="warning")
        # Whatever was asked for is answered; nothing of the nursery's is cleaned up by its child.
        os._exit(0)
    sys.argv = ["cardwright", "worker"] if what == "worker" else ["cardwright", "serve", "--port", *given]
    cli.app()


if __name__ == "__main__":
    if "--hasty" in sys.argv:
        _be_hasty()
    serve()
