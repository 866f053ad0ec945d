"""Replacing keys while the product runs: a new epoch with every record under it, or a new wrapping."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright.db.session import Session, transaction
from cardwright.encryption import rows, service, store
from cardwright.encryption.columns import SealedColumn
from cardwright.encryption.domain import EncryptionError, Place, Purpose
from cardwright.encryption.keyring import Keyring
from cardwright.encryption.store import DataKey

_BATCH: Final = 100
_PAUSE_SECONDS: Final = 0.1
_GRACE: Final = timedelta(days=1)
"""A retired key is kept so long: whoever read a record before it was written anew still opens it."""

Progress = Callable[[int, int], None]
"""Told how many records have been written anew, and how many there are to write."""


@dataclass(frozen=True, slots=True)
class Rotation:
    """Rotates the data key of one program; may be stopped at any point and run again."""

    engine: AsyncEngine
    keyring: Keyring
    program_id: str

    async def begin(self) -> str:
        """Make the next epoch, which everybody seals with from now on, and return its key's id.

        Raises EncryptionError when somebody else began one at the same moment.
        """
        async with transaction(self.engine) as session:
            await self.keyring.warm(session, self.program_id)
            newest = await self._newest(session)
        made = await self.keyring.make_key(self.program_id, Purpose.SEALING, newest.epoch + 1)
        async with transaction(self.engine) as session:
            if not await store.add_key(session, made):
                raise EncryptionError("another rotation began at the same moment")
        return made.id

    async def finish(self, tell: Progress) -> int:
        """Write the records of other keys anew under the newest and retire those keys; return how many."""
        async with transaction(self.engine) as session:
            await self.keyring.warm(session, self.program_id)
            newest = await self._newest(session)
        async with transaction(self.engine) as session:
            await store.supersede_for_update(session, newest, at=self.keyring.clock.now())
        total, done = await self._count_stale(newest.id), 0
        tell(done, total)
        while await self._count_stale(newest.id):
            for columns in rows.by_table(self.keyring.columns):
                async for rewritten in self._rewrite(columns, newest.id):
                    done += rewritten
                    tell(min(done, total), total)
            # What is left is in use by somebody; it is looked at again a little later.
            await asyncio.sleep(_PAUSE_SECONDS)
        await self._retire(newest)
        return done

    async def _rewrite(self, columns: Sequence[SealedColumn], key_id: str) -> AsyncIterator[int]:
        # One pass over a table, a short transaction for each batch.
        after, found = "", True
        while found:
            async with transaction(self.engine) as session:
                batch = await rows.stale_rows_for_update(
                    session, columns, self.program_id, current_key_id=key_id, after=after, limit=_BATCH
                )
                records = {place: sealed for row in batch for place, sealed in row.records.items()}
                await _reseal(session, columns, records)
            found = bool(batch)
            after = batch[-1].row_id if batch else after
            yield len(records)

    async def _newest(self, session: Session) -> DataKey:
        keys = await store.list_keys(session, self.program_id)
        return max((key for key in keys if key.purpose == Purpose.SEALING), key=lambda key: key.epoch)

    async def _count_stale(self, current_key_id: str) -> int:
        async with transaction(self.engine) as session:
            counted = await rows.count_records(session, self.keyring.columns, self.program_id)
        return sum(count for key_id, count in counted.items() if key_id != current_key_id)

    async def _retire(self, newest: DataKey) -> None:
        now = self.keyring.clock.now()
        async with transaction(self.engine) as session:
            counted = await rows.count_records(session, self.keyring.columns, self.program_id)
            for key in await store.list_keys(session, self.program_id):
                if key.purpose != Purpose.SEALING or key.epoch >= newest.epoch or counted.get(key.id):
                    continue
                await store.save_retired(session, key.id, at=now)
                if key.retired_at is not None and key.retired_at + _GRACE < now and not key.destroyed_at:
                    await store.destroy(session, key.id, at=now)


async def rewrap(engine: AsyncEngine, keyring: Keyring, program_id: str) -> int:
    """Wrap the data keys of a program under the provider's newest key; return how many. No record changes."""
    async with transaction(engine) as session:
        keys = [key for key in await store.list_keys(session, program_id) if key.destroyed_at is None]
    rewrapped = 0
    for key in keys:
        # The provider is a vendor: it is asked between transactions.
        wrapped = await keyring.rewrapped(key)
        async with transaction(engine) as session:
            rewrapped += await store.save_wrapped(session, key, wrapped)
    return rewrapped


async def _reseal(session: Session, columns: Sequence[SealedColumn], records: Mapping[Place, str]) -> None:
    resealed = await service.seal_all(session, await service.open_all(session, records))
    for column in columns:
        changed = {
            place: (before, resealed[place])
            for place, before in records.items()
            if place.column == column.name
        }
        await rows.replace_records(session, column, changed)
