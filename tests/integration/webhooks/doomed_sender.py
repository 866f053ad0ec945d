"""A process that sends webhooks until it is killed: DATABASE_URL, KEY_FILE."""

import asyncio
import os
from pathlib import Path

from cardwright.adapters.guarded_http import OutboundPolicy
from cardwright.adapters.key_file import FileKeyProvider
from cardwright.adapters.webhook_sender import HttpWebhookSender
from cardwright.core.clock import SystemClock
from cardwright.db.jobs import Work
from cardwright.db.session import create_engine
from cardwright.encryption import Keyring, with_keyring
from cardwright.webhooks import SEALED_COLUMNS, WebhookSender, deliver_forever


async def main() -> None:
    clock = SystemClock()
    provider = FileKeyProvider(Path(os.environ["KEY_FILE"]), accept_demo=True)
    engine = with_keyring(create_engine(os.environ["DATABASE_URL"]), Keyring(provider, SEALED_COLUMNS, clock))
    sender = HttpWebhookSender(OutboundPolicy.of(("127.0.0.1/32",), is_http_allowed=True), clock)
    await deliver_forever(Work(engine, clock, {WebhookSender: sender}), asyncio.Event())


if __name__ == "__main__":
    asyncio.run(main())
