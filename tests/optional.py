"""What some tests need of the machine: where it is missing they are skipped, or fail if nothing may be."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NoReturn

import pytest

_FEWEST_MAJOR: Final = 22
_SCRIPTS: Final = Path(__file__).parent / "node"


def do_without(what: str) -> NoReturn:
    """Skip the test for want of something; with CARDWRIGHT_SKIP_NOTHING set, as in CI, fail it instead."""
    if os.environ.get("CARDWRIGHT_SKIP_NOTHING"):
        pytest.fail(what)
    pytest.skip(what)


def find_chromium() -> str:
    """Return the machine's Chromium; none is downloaded."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    return found or do_without("there is no Chromium here; name one with CHROMIUM=/path/to/chromium")


def find_node() -> str:
    """Return a Node that is new enough for the web app's tools: the one from PyPI, or the machine's."""
    for folder in (os.environ.get("VIRTUAL_ENV", ""), str(Path(__file__).parents[1] / ".venv")):
        wheel = Path(folder) / "bin/node"
        if wheel.is_file():
            return str(wheel)
    found = shutil.which("node") or do_without("there is no Node here")
    told = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout
    if int(told.lstrip("v").partition(".")[0]) < _FEWEST_MAJOR:
        do_without(f"Node {told.strip()} is too old")
    return found


@contextmanager
def node_script(name: str) -> Iterator[Path]:
    """Copy a folder of tests/node and install beside it what its lock file names.

    Everybody who asks has a copy: runs side by side do not find each other's half-made installations.
    """
    if shutil.which("node") is None or shutil.which("npm") is None:
        do_without("node and npm are not installed: independent OAuth software cannot run")
    with tempfile.TemporaryDirectory(prefix="cardwright-node-") as made:
        folder = Path(made) / name
        shutil.copytree(_SCRIPTS / name, folder, ignore=shutil.ignore_patterns("node_modules"))
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"]
        installed = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        if installed.returncode != 0:
            do_without(f"npm ci did not work here: {installed.stderr[-200:]}")
        yield folder
