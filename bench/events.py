"""From a commit to somebody's inbox: how long e-mails, text messages and pushes take at a steady rate.

Run it with `make bench-events` (RATE=200 SECONDS=30). The worker, the simulator and PostgreSQL, durable as in
production, are processes of their own on this machine. Of three events one goes to a mailbox, one to a phone
as a text message and a push, and one as a push; the first kind and the last two are also what other jobs of
the worker wait for. Times are from the return of the commit until the simulator put the message into the
inbox; its carrier needs no time. The stream's own time is until the event could be read. What the processes
used of the CPU is counted from the first event until the last message, and told per event: it stays
the same when others use the machine, which the times do not.
"""

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from statistics import quantiles
from typing import Final

from rich.console import Console
from rich.table import Table

from cardwright.db.embedded import EmbeddedPostgres
from cardwright.db.migrate import upgrade
from event_traffic import Outside, Traffic, nobody_home, traffic_on, worker_on

RATE, SECONDS = (int(it) for it in (*sys.argv[1:], *("200", "30")[len(sys.argv) - 1 :]))
WARMING_SECONDS: Final = 5
PEOPLE: Final = 200
PATIENCE_SECONDS: Final = 120
PROMISED_SECONDS: Final = 1.0
MESSAGES_OF_THREE: Final = 4


def main() -> None:
    """Measure and print."""
    console = Console()
    with tempfile.TemporaryDirectory(prefix="cardwright-bench-") as folder:
        server = EmbeddedPostgres(Path(folder) / "pg")
        url = server.start()
        try:
            upgrade(url)
            is_kept = asyncio.run(measure(url, Path(folder), console))
        finally:
            server.stop(mode="immediate")
    sys.exit(0 if is_kept else 1)


async def measure(url: str, folder: Path, console: Console) -> bool:
    """Let events flow and print how long they took; answer whether that is what is promised."""
    traffic = await traffic_on(url, people=PEOPLE)
    outside = Outside(folder / "outside")
    outside.data.mkdir()
    async with nobody_home() as public_url:
        with outside.running():
            worker = worker_on(url, folder, outside, public_url)
            worker.start()
            try:
                with console.status("starting …"):
                    await traffic.commit(traffic.payout(0))
                    await drained(outside, 1)
                processes = {"worker": [worker.pid], "simulator": [outside.pid], "postgresql": []}
                before = used_seconds(processes, folder)
                with console.status(f"{RATE} events a second for {SECONDS} s …"):
                    committed, took = await flow(traffic)
                    is_all_there = await drained(outside, 1 + len(committed) * MESSAGES_OF_THREE // 3)
                used = {
                    name: (seconds - before[name]) / len(committed)
                    for name, seconds in used_seconds(processes, folder).items()
                }
                print_errors(worker.log, console)
            finally:
                worker.stop()
                worker.close()
    times = await latencies(traffic, outside, committed)
    show(console, times, len(committed) / took, is_all_there=is_all_there)
    told = ", ".join(f"{name} {seconds * 1000:.1f} ms" for name, seconds in used.items())
    console.print(f"CPU per event: {told}; load average {os.getloadavg()[0]:.1f}")
    p95 = max(quantiles(values, n=100)[94] for name, values in times.items())
    return is_all_there and p95 < PROMISED_SECONDS


def used_seconds(processes: Mapping[str, Sequence[int | None]], folder: Path) -> Mapping[str, float]:
    """Return how long processes have used a CPU: those named, and PostgreSQL with all its children."""
    postmaster = (folder / "pg" / "data" / "postmaster.pid").read_text().splitlines()[0]
    found = {name: [str(pid) for pid in pids] for name, pids in processes.items()}
    found["postgresql"] = [postmaster]
    used = dict.fromkeys(found, 0.0)
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            # After the command in brackets: state, parent, …, user and system ticks, and those of the dead.
            fields = stat.read_text().rpartition(")")[2].split()
            for name, pids in found.items():
                is_child = name == "postgresql" and fields[1] in pids
                if stat.parent.name in pids or is_child:
                    ticks = fields[11:13] if is_child or name != "postgresql" else fields[11:15]
                    used[name] += sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")
    return used


async def flow(traffic: Traffic) -> tuple[Mapping[str, datetime], float]:
    """Commit events at a steady rate; return when each was committed, and how long it took."""
    committed: dict[str, datetime] = {}

    async def commit(number: int) -> None:
        make = (traffic.payout, traffic.purchase, lambda it: traffic.purchase(it, "payment_cleared"))
        event = make[number % 3](number)
        committed[event.id] = await traffic.commit(event)

    tasks, began = [], time.monotonic()
    for number in range((WARMING_SECONDS + SECONDS) * RATE // 3 * 3):
        await asyncio.sleep(max(0.0, began + number / RATE - time.monotonic()))
        tasks.append(asyncio.create_task(commit(number)))
    await asyncio.gather(*tasks)
    return committed, time.monotonic() - began


async def drained(outside: Outside, wanted: int) -> bool:
    """Wait until all messages have arrived."""
    for _ in range(PATIENCE_SECONDS * 2):
        if outside.count() >= wanted:
            break
        await asyncio.sleep(0.5)
    return outside.count() == wanted


async def latencies(
    traffic: Traffic, outside: Outside, committed: Mapping[str, datetime]
) -> Mapping[str, Sequence[float]]:
    """Return seconds by channel, without those of the first seconds."""
    rows = await traffic.ask("SELECT id, event_id, provider_reference, channel FROM notifications")
    event_of = {row.id: row.event_id for row in rows}
    event_of |= {row.provider_reference: row.event_id for row in rows if row.channel == "sms"}
    counted = set(list(committed)[WARMING_SECONDS * RATE :])
    found: dict[str, list[float]] = {"email": [], "sms": [], "push": [], "stream": []}
    for message in outside.arrived():
        event_id = event_of.get(message.notification_id or message.reference)
        if event_id in counted:
            found[message.channel].append((message.at - committed[event_id]).total_seconds())
    for row in await traffic.ask("SELECT id, recorded_at FROM events"):
        if row.id in counted:
            found["stream"].append((row.recorded_at - committed[row.id]).total_seconds())
    return found


def show(console: Console, times: Mapping[str, Sequence[float]], rate: float, *, is_all_there: bool) -> None:
    """Print a row per channel."""
    table = Table(title=f"from commit to inbox at {rate:.0f} events/s on {os.cpu_count()} CPUs")
    for name in ("channel", "messages", "p50 ms", "p95 ms", "p99 ms", "max ms"):
        table.add_column(name, justify="left" if name == "channel" else "right")
    for channel, values in times.items():
        cuts = quantiles(values, n=100)
        picked = (cuts[49], cuts[94], cuts[98], max(values))
        table.add_row(channel, str(len(values)), *(f"{value * 1000:.0f}" for value in picked))
    console.print(table)
    if not is_all_there:
        console.print("[red]Not every message arrived exactly once within two minutes.[/]")


def print_errors(log: Path, console: Console) -> None:
    """Say so when jobs failed and had to be done again."""
    failed = [
        line for line in log.read_text().splitlines() if '"level": "error"' in line or "job_failed" in line
    ]
    if failed:
        console.print(f"[yellow]{len(failed)} jobs failed at least once; the first: {failed[0][:400]}[/]")


if __name__ == "__main__":
    main()
