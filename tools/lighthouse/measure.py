"""Run Lighthouse on pages of the web app with people signed in, and print what it says as a table.

`make lighthouse`, or `PYTHONPATH=tests:tools python tools/lighthouse/measure.py [PART OF A NAME]`. Everything
runs as in the demo. Throttling is Lighthouse's own, simulated: a phone has a processor four times slower than
this machine's and 1.6 Mbit/s with 150 ms for each round trip; a desk this machine's own and 10 Mbit/s with
40 ms. Each page is measured several times and the run of the middle is shown. Exits with 1 where a target is
missed.
"""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from cardwright.demo.stack import Addresses, running_stack
from optional import find_chromium, find_node
from screenshots import ada
from web.conftest import BUILT
from web.holder import COOKIE, Holder
from web.outside import Outside

HERE: Final = Path(__file__).parent
LIGHTHOUSE: Final = HERE / "node_modules/lighthouse/cli/index.js"
TARGETS: Final = {"performance": 95, "accessibility": 100, "best-practices": 100}
PRESETS: Final[Mapping[str, tuple[str, ...]]] = {"desktop": ("--preset=desktop",), "mobile": ()}
FLAGS: Final = "--headless=new --no-sandbox --disable-gpu --disable-background-networking"
RUNS: Final = int(os.environ.get("RUNS", "3"))
PATIENCE_SECONDS: Final = 180
METRICS: Final = {
    "first-contentful-paint": "first paint s", "largest-contentful-paint": "largest paint s",
    "total-blocking-time": "blocked ms", "cumulative-layout-shift": "shift", "speed-index": "speed index s",
}  # fmt: skip
IN_MS: Final = "total-blocking-time"


@contextlib.contextmanager
def world(folder: Path) -> Iterator[tuple[Addresses, Mapping[str, tuple[str, Holder]]]]:
    """Start everything; yield where it is, and the pages by name, each with who looks at it."""
    ports = {"api_port": 0, "simulator_port": 0, "smtp_port": 0}
    silent = contextlib.nullcontext
    with running_stack(folder, tell=lambda _: silent(), web=BUILT, **ports) as (where, _):
        outside = Outside(where.simulator)
        holder = Holder(where.api, outside, "ada@people.example")
        ids = ada.live(holder, outside)
        staff = Holder(where.api, outside, "admin@cardwright.example")
        staff.sign_in(where.staff_password)
        yield (
            where,
            {
                "holder: home": ("/", holder),
                "holder: a card": (f"/cards/{ids['everyday']}", holder),
                "console: overview": ("/console", staff),
            },
        )


def measured(where: Addresses, path: str, who: Holder, preset: tuple[str, ...]) -> dict[str, Any]:
    """Return the report of one run."""
    cookie = json.dumps({"Cookie": f"{COOKIE}={who.secret}"})
    command = [
        find_node(), str(LIGHTHOUSE), f"{where.api}{path}", "--quiet", "--output=json",
        f"--chrome-flags={FLAGS}", f"--extra-headers={cookie}",
        f"--only-categories={','.join(TARGETS)}", *preset,
    ]  # fmt: skip
    told = subprocess.run(  # noqa: S603 - our own command line
        command, env={**os.environ, "CHROME_PATH": find_chromium()}, capture_output=True, text=True,
        timeout=PATIENCE_SECONDS, check=False,
    )  # fmt: skip
    if told.returncode:
        raise SystemExit(f"Lighthouse ended at {path}: {told.stderr.strip()[-2_000:]}")
    report: dict[str, Any] = json.loads(told.stdout)
    return report


def scores(report: dict[str, Any]) -> Mapping[str, int]:
    """Return the scores of a report, of a hundred."""
    return {name: round((report["categories"][name]["score"] or 0) * 100) for name in TARGETS}


def complaints(report: dict[str, Any]) -> Iterator[str]:
    """Yield what keeps accessibility or best practices from a hundred, and what slows the page down most."""
    for name in TARGETS:
        for reference in report["categories"][name]["auditRefs"]:
            audit = report["audits"][reference["id"]]
            is_short = audit["score"] is not None and audit["score"] < 1 and reference["weight"] > 0
            if is_short and name != "performance":
                items = (audit.get("details") or {}).get("items", [])[:3]
                yield f"{name}: {audit['title']} {json.dumps(items)[:600]}"


def row(name: str, preset: str, report: dict[str, Any], all_runs: list[int]) -> list[str]:
    """Return a line of the table."""
    values = {metric: report["audits"][metric]["numericValue"] for metric in METRICS}
    shown = [
        f"{value:.0f}" if metric == IN_MS else f"{value:.3f}" if "shift" in metric else f"{value / 1000:.2f}"
        for metric, value in values.items()
    ]
    of_100 = [
        f"{score}" if score >= TARGETS[category] else f"[red]{score}[/red]"
        for category, score in scores(report).items()
    ]
    return [name, preset, *of_100, "/".join(map(str, all_runs)), *shown]


def main() -> int:
    """Measure every page in both presets and print the table; return 1 where a target is missed."""
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    console = Console(width=150)
    table = Table("page", "preset", *TARGETS, "all runs", *METRICS.values())
    missed: list[str] = []
    with (
        tempfile.TemporaryDirectory(prefix="cardwright-lighthouse-") as folder,
        world(Path(folder)) as (where, pages),
    ):
        for (name, (path, who)), (preset, arguments) in product(pages.items(), PRESETS.items()):
            if wanted not in f"{name} {preset}":
                continue
            runs = [measured(where, path, who, arguments) for _ in range(RUNS)]
            runs.sort(key=lambda report: scores(report)["performance"])
            middle = runs[len(runs) // 2]
            table.add_row(*row(name, preset, middle, [scores(it)["performance"] for it in runs]))
            short = [target for target, score in scores(middle).items() if score < TARGETS[target]]
            missed += [f"{name}, {preset}: {target}" for target in short]
            missed += [f"{name}, {preset}: {complaint}" for complaint in complaints(middle)]
            if "KEEP" in os.environ:
                kept = Path(os.environ["KEEP"]) / f"{name}-{preset}.json".replace(": ", "-").replace(" ", "-")
                kept.write_text(json.dumps(middle))
    console.print(table)
    for it in missed:
        console.print(it, markup=False)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
