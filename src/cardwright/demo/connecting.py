"""Prepare a deployment that speaks to a simulator elsewhere, as the demo prepares its own stack."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from cardwright.db.migrate import upgrade
from cardwright.demo import keys as demo_keys
from cardwright.demo import simulated
from cardwright.demo.stack import seed


@dataclass(frozen=True, slots=True)
class Deployment:
    """Where everything is, as its processes reach it; `receivers` is the network they share."""

    api: str
    simulator: str
    mail: tuple[str, int]
    database: str
    redis: str
    receivers: str


def connect(folder: Path, to: Deployment) -> str:
    """Bring the schema up to date, make staff, name the API to every simulated vendor, keep the settings.

    All is kept in the folder; done again, it goes on with what it finds. Returns the staff's pass phrase.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    upgrade(to.database)
    keys = demo_keys.load_or_make(folder / "keys.json")
    asyncio.run(seed(to.database, demo_keys.ensure_key_file(folder), keys.staff_password))
    keys = simulated.register_webhooks(folder, keys, api=to.api, simulator=to.simulator)
    made = simulated.environment(
        folder, keys, database=to.database, redis=to.redis, api=to.api, simulator=to.simulator,
        mail=to.mail, receivers=to.receivers,
    )  # fmt: skip
    made = simulated.with_web(made, api=to.api, simulator=to.simulator)
    simulated.write_environment(folder / demo_keys.ENVIRONMENT_FILE, made)
    return keys.staff_password
