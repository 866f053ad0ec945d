"""A wire between the product and its database that can be cut."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

_CHUNK = 65_536


@dataclass
class Wire:
    """Carries connections to a port of this machine."""

    port: int = 0
    to: int = 0
    _mended: asyncio.Event = field(default_factory=asyncio.Event)
    _open: set[asyncio.StreamWriter] = field(default_factory=set)

    def cut(self) -> None:
        """Carry nothing any more: what is sent is neither taken nor refused."""
        self._mended.clear()

    def mend(self) -> None:
        """Carry on where it stopped."""
        self._mended.set()

    def reset(self) -> None:
        """Break every connection; new ones are carried."""
        for writer in self._open:
            writer.transport.abort()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection both ways until either side closes it."""
        await self._mended.wait()
        with suppress(OSError):
            there, back = await asyncio.open_connection("127.0.0.1", self.to)
            self._open |= {writer, back}
            try:
                await asyncio.gather(self._copy(reader, back), self._copy(there, writer))
            finally:
                self._open -= {writer, back}

    async def _copy(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await source.read(_CHUNK):
                await self._mended.wait()
                sink.write(data)
                await sink.drain()
        sink.close()


@asynccontextmanager
async def a_wire(port: int = 0, *, to: int = 0) -> AsyncIterator[Wire]:
    """Listen on a port of this machine."""
    wire = Wire(to=to)
    wire.mend()
    server = await asyncio.start_server(wire.carry, "127.0.0.1", port)
    wire.port = server.sockets[0].getsockname()[1]
    try:
        yield wire
    finally:
        wire.reset()
        server.close()
