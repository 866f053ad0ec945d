"""`python -m simulator`: start the simulator."""

from simulator.cli import app

app(prog_name="simulator")
