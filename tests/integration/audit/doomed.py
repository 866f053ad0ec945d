"""A sealer in a process of its own that stops in the middle: leaves written, no checkpoint, no commit."""

import asyncio
import os
import sys
from pathlib import Path

from cardwright.audit.trail import TRAIL
from cardwright.core.clock import SystemClock
from cardwright.core.sensitive import Sensitive
from cardwright.db.session import create_engine, transaction
from cardwright.sealing import CheckpointSigner, sealer, store


async def run(database_url: str, program_id: str, began: Path) -> None:
    """Seal up to the checkpoint and hang until killed."""

    async def hang(*_facts: object) -> None:
        await asyncio.to_thread(began.touch)
        await asyncio.Event().wait()

    store.add_checkpoint = hang  # type: ignore[assignment]
    signer = CheckpointSigner(Sensitive(os.environ["AUDIT_KEY"]))
    async with transaction(create_engine(database_url)) as session:
        await sealer.seal_program(session, TRAIL, signer, program_id, SystemClock().now())


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1], sys.argv[2], Path(sys.argv[3])))
