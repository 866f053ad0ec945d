"""Makes people with cards and money by whatever code is on the path, and prints who they are as JSON."""

import asyncio
import json
import os
import sys
from pathlib import Path

import builders
from cardwright.core.clock import SystemClock
from integration.payments import holders


async def make(url: str, count: int, balance: int) -> dict[str, dict[str, object]]:
    """Return by e-mail address each holder's id, and the ids and references of their two cards."""
    # The processes open what is sealed here.
    builders.KEY_FILE = Path(os.environ["CARDWRIGHT_ENCRYPTION__KEY_FILE"])
    engine, made = builders.engine_for_tests(url), {}
    for number in range(count):
        email = f"person{number}@example.com"
        holding = await holders.a_holding(engine, SystemClock(), (), (), balance=balance, email=email)
        made[email] = {
            "user_id": holding.user_id, "references": holding.references,
            "cards": [card.id for card in holding.cards],
        }  # fmt: skip
    await engine.dispose()
    return made


if __name__ == "__main__":
    print(json.dumps(asyncio.run(make(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))))  # noqa: T201
