import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from running_simulator import Eventually, RunningSimulator, running_simulator

PATIENCE_SECONDS = 5
SPECS = Path(__file__).parents[3] / "shared" / "specs"


@pytest.fixture
def simulator() -> Iterator[RunningSimulator]:
    """Run a fresh simulator that keeps everything in memory."""
    with running_simulator() as simulator:
        yield simulator


@pytest.fixture
def eventually() -> Eventually:
    """Wait until a condition holds, and fail if it does not in time."""

    def wait(is_so: Callable[[], object]) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not is_so():
            assert time.monotonic() < deadline, "it never came about"
            time.sleep(0.02)

    return wait


@pytest.fixture
def specs() -> Path:
    """Find the folder of API schemas; tests that need it are skipped where it is absent."""
    if not SPECS.is_dir():
        pytest.skip("the folder of API schemas is not here")
    return SPECS
