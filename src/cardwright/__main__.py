"""`python -m cardwright` is the command `cardwright`."""

import gc

from cardwright.cli import app


def run() -> None:
    """Run the command that the arguments name."""
    gc.freeze()
    app()


if __name__ == "__main__":
    run()
