"""The commands that operators use on keys, and a production that does not start with bad ones."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from typer.testing import Result

from cardwright.adapters.key_file import add_key
from unit.core.test_settings import SOUND

Run = Callable[..., Result]


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "keys.json"
    add_key(path)
    return path


def _start(command: str, environment: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    clean = {name: value for name, value in os.environ.items() if not name.startswith("CARDWRIGHT_")}
    return subprocess.run(
        [sys.executable, "-m", "cardwright", command],
        env={**clean, **environment}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def _zero(path: Path) -> None:
    path.write_text(json.dumps({"current": "kek_a", "keys": {"kek_a": "A" * 43 + "="}, "demo": False}))


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda path: path.unlink(), "cannot be read"),
        (lambda path: path.chmod(0o644), "chmod 600"),
        (_zero, "is not random"),
        (lambda path: path.write_text(path.read_text().replace("false", "true")), "made by a demo"),
    ],
)
def test_the_api_does_not_start_in_production_with_a_key_file_that_protects_nothing(
    key_file: Path, spoil: Callable[[Path], None], reason: str
) -> None:
    spoil(key_file)
    refused = _start("serve", {**SOUND, "CARDWRIGHT_ENCRYPTION__KEY_FILE": str(key_file)})
    assert refused.returncode == 1
    assert refused.stdout.startswith("Not started:")
    assert reason in refused.stdout.replace("\n", " ")


def test_the_worker_does_not_start_in_production_with_a_default_secret(key_file: Path) -> None:
    environment = {**SOUND, "CARDWRIGHT_ENCRYPTION__KEY_FILE": str(key_file)}
    refused = _start("worker", {**environment, "CARDWRIGHT_STRIPE__WEBHOOK_SECRET": "changeme"})
    assert (refused.returncode, "stripe.webhook_secret is a default" in refused.stdout) == (1, True)
