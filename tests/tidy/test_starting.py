"""What a process loads before it does anything: every command, worker and API pays for it."""

import subprocess
import sys

import pytest

SELDOM_USED = ("boto3", "duckdb", "fontTools", "fpdf", "lightgbm", "onnxruntime", "pyspark", "z3")
ROUTES = ("cardwright.main", "cardwright.payments.api")


@pytest.mark.parametrize(
    ("start", "seldom_used"),
    [("import cardwright.main", SELDOM_USED), ("import cardwright.cli", (*SELDOM_USED, *ROUTES))],
)
def test_what_is_seldom_used_is_loaded_where_it_is_used(start: str, seldom_used: tuple[str, ...]) -> None:
    asked = f"{start}, sys; print(*(name for name in {seldom_used} if name in sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert loaded.stdout.split() == []


def test_a_command_looks_for_no_garbage_in_its_own_code() -> None:
    asked = "import gc, cardwright.__main__ as it; it.app = lambda: print(gc.get_freeze_count()); it.run()"
    kept = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert int(kept.stdout) > 100_000
