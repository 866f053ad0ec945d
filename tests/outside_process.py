"""The simulator in a process of its own, whose carrier needs no time to bring text messages."""

import sys
from pathlib import Path

import uvicorn

from simulator.app import create_app
from simulator.settings import SimulatorSettings
from simulator.world import World


def run(port: int, smtp_port: int, data: Path) -> None:
    """Serve until killed."""
    settings = SimulatorSettings(port=port, smtp_port=smtp_port, sms_step_milliseconds=0)
    uvicorn.run(create_app(World(settings, data)), port=port, log_level="warning")


if __name__ == "__main__":
    run(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
