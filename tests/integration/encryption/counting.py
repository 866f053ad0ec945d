"""A key provider that counts what it is asked, and takes its time as one across a network does."""

import asyncio
from collections.abc import Mapping

from builders import KEY_FILE
from cardwright.adapters.key_file import FileKeyProvider
from cardwright.encryption import WrappedKey


class CountingProvider:
    """The file's provider, counting how often it was asked to unwrap."""

    def __init__(self) -> None:
        self._file = FileKeyProvider(KEY_FILE, accept_demo=True)
        self.unwrapped = 0

    async def wrap(self, key: bytes, context: Mapping[str, str]) -> WrappedKey:
        return await self._file.wrap(key, context)

    async def unwrap(self, wrapped: WrappedKey, context: Mapping[str, str]) -> bytes:
        self.unwrapped += 1
        await asyncio.sleep(0.01)
        return await self._file.unwrap(wrapped, context)
