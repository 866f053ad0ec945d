"""The simulator as its clients meet it: a real server on a free port, in a thread of its own."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import uvicorn

from canary.watch import refuse_numbers_in_simulator
from simulator.app import create_app
from simulator.settings import SimulatorSettings
from simulator.world import World

START_TIMEOUT_SECONDS = 20
QUICK = SimulatorSettings(smtp_port=0, sms_step_milliseconds=20)
QUICK_RETRIES_SECONDS = (0.05, 0.1, 0.2, 0.4)
Eventually = Callable[[Callable[[], object]], None]


@dataclass(frozen=True, slots=True)
class RunningSimulator:
    """Where the simulator listens, and the world inside it."""

    base_url: str
    smtp_port: int
    world: World


@contextmanager
def running_simulator(
    settings: SimulatorSettings = QUICK, data_dir: Path | None = None
) -> Iterator[RunningSimulator]:
    """Run a simulator for as long as the context lasts; the settings' port is replaced by a free one."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        settings = replace(settings, port=listener.getsockname()[1])
        world = World(settings, data_dir, retry_delays_seconds=QUICK_RETRIES_SECONDS)
        app = create_app(world)
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            _wait_for_start(server, thread)
            yield RunningSimulator(settings.base_url, app.state.mail.port, world)
            if data_dir is None:
                refuse_numbers_in_simulator(world.objects)
        finally:
            server.should_exit = True
            thread.join(START_TIMEOUT_SECONDS)


def _wait_for_start(server: uvicorn.Server, thread: threading.Thread) -> None:
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while not server.started:
        assert thread.is_alive(), "the simulator did not start"
        assert time.monotonic() < deadline, "the simulator did not start in time"
        time.sleep(0.01)
