"""Starts the app, on a device or as a web app: `flet run mobile/main.py`."""

import os
from pathlib import Path

import flet as ft

from cardwright_mobile.app import main_for

BUILT_FOR = Path(__file__).with_name("server.txt")
"""Whose app a packed one is: a phone has no environment to say so."""
DEMO = "http://localhost:8000"


def server() -> str:
    """Return the address of the server that this app is a client of."""
    built_for = BUILT_FOR.read_text().strip() if BUILT_FOR.is_file() else DEMO
    return os.environ.get("CARDWRIGHT_SERVER", built_for)


main = main_for(server())

if __name__ == "__main__":
    ft.run(main, assets_dir="assets")
