"""The app's own lock: opened by the device's owner alone, shut again after a minute away."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

NOW = datetime(2026, 11, 30, tzinfo=UTC)


@dataclass
class OwnersFinger:
    """A device whose owner is there, or somebody else."""

    is_owner: bool = True

    async def is_there(self) -> bool:
        return True

    async def confirm(self, reason: str) -> bool:
        return bool(reason) and self.is_owner


async def test_only_the_devices_owner_turns_the_lock_on_and_opens_it() -> None:
    from cardwright_mobile.device.storage import MemoryStorage
    from cardwright_mobile.state.lock import Lock

    storage, finger = MemoryStorage(), OwnersFinger()
    first = Lock(storage, finger)
    await first.begin()
    assert (first.is_there, first.is_on, first.is_locked) == (True, False, False)
    finger.is_owner = False
    assert not await first.turn("to unlock")
    finger.is_owner = True
    assert await first.turn("to unlock")
    assert (first.is_on, first.is_locked) == (True, False)

    again = Lock(storage, finger)
    await again.begin()
    assert again.is_locked
    finger.is_owner = False
    assert not await again.unlock("to unlock")
    assert again.is_locked
    assert not await again.turn("to unlock")
    finger.is_owner = True
    assert await again.unlock("to unlock")
    assert not again.is_locked


async def test_it_is_shut_after_a_minute_away_and_off_for_whoever_signs_in_next() -> None:
    from cardwright_mobile.device.storage import MemoryStorage
    from cardwright_mobile.state.lock import Lock

    storage = MemoryStorage()
    lock = Lock(storage, OwnersFinger())
    lock.leave(NOW)
    lock.come_back(NOW + timedelta(hours=1))
    assert not lock.is_locked  # it is not on
    assert await lock.turn("to unlock")
    lock.leave(NOW)
    lock.leave(NOW + timedelta(seconds=50))  # told again, it was left when it was first told
    lock.come_back(NOW + timedelta(seconds=59))
    assert not lock.is_locked
    lock.leave(NOW)
    lock.come_back(NOW + timedelta(seconds=60))
    assert lock.is_locked
    await lock.reset()
    fresh = Lock(storage, OwnersFinger())
    await fresh.begin()
    assert not fresh.is_locked
