"""Whatever happens to somebody's factors reaches their mailbox."""

import asyncio
from typing import Any

import pytest

from cardwright.db.jobs import Work
from cardwright.db.outbox import Event

LETTERS = [
    ("factor_added", {"factor": "passkey"}, "A passkey was added to your account."),
    ("factor_added", {"factor": "totp"}, "An authenticator app was added to your account."),
    ("factor_removed", {"factor": "totp"}, "The authenticator app was removed from your account."),
    ("recovery_code_used", {"codes_left": 0}, "0 are left."),
    ("passkey_counter_rolled_back", {"passkey_id": "passkey_1"}, "as if there were a copy of it"),
]


@pytest.mark.parametrize(("name", "payload", "sentence"), LETTERS)
async def test_what_happens_to_factors_is_told_by_e_mail(
    work: Work, simulator: Any, ada: Any, deliver: Any, name: str, payload: dict[str, Any], sentence: str
) -> None:
    event = Event(f"authentication.{name}", ada.program_id, ada.user_id, work.clock.now(), payload)
    assert await deliver(event) == []
    async with asyncio.timeout(60):
        while not simulator.world.inbox.list("email"):  # noqa: ASYNC110 - the simulator runs on another loop
            await asyncio.sleep(0.02)
    [letter] = simulator.world.inbox.list("email")
    assert letter["to"] == ada.email
    assert sentence in letter["text"]
