"""A receiver of webhooks on a socket of this machine, which answers what a test tells it to."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Received:
    """One request: its path, its headers in lower case, its body as it came."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def event(self) -> Any:
        return json.loads(self.body)


@dataclass(slots=True)
class Receiver:
    """Keeps what came; answers by path, with 200 where nothing else is said."""

    url: str = ""
    received: list[Received] = field(default_factory=list)
    answers: dict[str, Answer] = field(default_factory=dict)
    arrived: asyncio.Condition = field(default_factory=asyncio.Condition)
    open_now: int = 0
    most_open: int = 0

    def at(self, path: str, answer: Answer | None = None) -> str:
        """Return the URL of a path, and how it is answered from now on."""
        if answer is not None:
            self.answers[path] = answer
        return self.url + path

    def events_at(self, path: str) -> list[str]:
        return [each.headers["webhook-id"] for each in self.received if each.path == path]

    async def count(self, wanted: int, *, seconds: float = 20) -> None:
        """Wait until so many requests have come."""
        async with asyncio.timeout(seconds), self.arrived:
            await self.arrived.wait_for(lambda: len(self.received) >= wanted)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            first, *lines = head.rstrip().split("\r\n")
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
            body = await reader.readexactly(int(headers["content-length"]))
            path = first.split(" ")[1]
            self.received.append(Received(path, headers, body))
            async with self.arrived:
                self.arrived.notify_all()
            self.open_now += 1
            self.most_open = max(self.most_open, self.open_now)
            try:
                await self.answers.get(path, status(200))(writer)
            finally:
                self.open_now -= 1
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


def status(code: int, body: bytes = b"thanks", **headers: str) -> Answer:
    """Answer at once."""

    async def answer(writer: asyncio.StreamWriter) -> None:
        lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
        head = f"HTTP/1.1 {code} As told\r\nContent-Length: {len(body)}\r\nConnection: close\r\n{lines}\r\n"
        writer.write(head.encode() + body)

    return answer


def late(seconds: float, code: int = 200) -> Answer:
    """Answer after a while."""

    async def answer(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(seconds)
        await status(code)(writer)

    return answer


def raw(*parts: bytes, pause: float = 0.0) -> Answer:
    """Write these bytes and nothing else."""

    async def answer(writer: asyncio.StreamWriter) -> None:
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(pause)

    return answer


def until(event: asyncio.Event, code: int = 200) -> Answer:
    """Answer when the test says so."""

    async def answer(writer: asyncio.StreamWriter) -> None:
        await event.wait()
        await status(code)(writer)

    return answer


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """Listen for as long as the context lasts."""
    receiver = Receiver()
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield receiver
    finally:
        server.close()
