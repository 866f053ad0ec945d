"""A worker in a process of its own that begins a job, says so, and never ends it."""

import asyncio
import sys
from pathlib import Path

from cardwright.core.clock import SystemClock
from cardwright.db.jobs import Subscription, Work
from cardwright.db.outbox import Event
from cardwright.db.session import create_engine
from cardwright.worker import Worker


async def run(database_url: str, began: Path) -> None:
    """Work until killed."""

    async def hang(_work: Work, _event: Event) -> None:
        await asyncio.to_thread(began.touch)
        await asyncio.Event().wait()

    work = Work(create_engine(database_url), SystemClock(), {})
    await Worker(work, database_url, [Subscription("test.hears", "thing.happened", hang)]).run()


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1], Path(sys.argv[2])))
