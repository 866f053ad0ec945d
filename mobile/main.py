"""Starts the app, on a device or as a web app: `flet run mobile/main.py`."""

import os

import flet as ft

from cardwright_mobile.app import main_for

main = main_for(os.environ.get("CARDWRIGHT_SERVER", "http://localhost:8000"))

if __name__ == "__main__":
    ft.run(main, assets_dir="assets")
