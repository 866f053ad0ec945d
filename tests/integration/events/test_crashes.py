"""Whenever the worker is killed, every event arrives: in the stream and the list once, without a gap."""

import random
from pathlib import Path

from crashing import Drill
from event_traffic import Outside, nobody_home, traffic_on, worker_on

EVENTS, KILLS, SECONDS = 90, 4, 4.0


async def test_every_event_arrives_however_often_the_worker_is_killed(
    database_url: str, tmp_path: Path
) -> None:
    seed = random.randrange(10**6)  # noqa: S311 - any will do
    traffic = await traffic_on(database_url, people=5)
    outside = Outside(tmp_path / "outside")
    outside.data.mkdir()
    async with nobody_home() as public_url:
        with outside.running():
            worker = worker_on(database_url, tmp_path, outside, public_url, is_hasty=True)
            try:
                chance = random.Random(seed)  # noqa: S311 - as above
                outcome = await Drill(traffic, outside, worker, chance).run(EVENTS, KILLS, seconds=SECONDS)
            finally:
                worker.kill()
                worker.nursery.close()
    await traffic.engine.dispose()
    assert outcome.is_right, f"seed {seed}: {outcome}"
    assert {it.expected for it in outcome.tallies.values()} == {90, 60, 30}
