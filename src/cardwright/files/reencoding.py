"""Strangers' files made anew, in a child process each, so that a bomb ends the child and not the service."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import structlog

from cardwright.core.errors import Invalid, Unavailable
from cardwright.files.sniffing import FileType

_CHILD: Final = Path(__file__).with_name("isolated.py")
_SECONDS: Final = 3.5
_PATIENCE_SECONDS: Final = 1.0
"""With the time to work: whoever sends a file is answered within five seconds, whatever others send."""
_MOST_ANSWERED: Final = 24 * 1024**2
_PROBLEMS: Final[Mapping[str, str]] = {
    "too_many_pixels": "The picture has too many pixels: a JPEG has at most 64 million, a PNG 20, a WebP 12.",
    "too_many_pages": "A PDF has at most 8 pages.",
    "encrypted": "The PDF is protected by a password; send it without.",
    "too_complex": "The file takes too much to read; send a plain photo or scan.",
    "unreadable": "The file is damaged, or not what it begins as.",
}
_log = structlog.get_logger()

Pictures = Sequence[bytes]
"""JPEGs of at most 2400 by 2400 pixels without any metadata."""


class Reencoder:
    """Lets at most `at_once` children work, for `seconds` each.

    Whoever would be one of more than `waiting`, or waits for longer than `patience`, is told to come back.
    """

    def __init__(
        self, *, at_once: int = 2, waiting: int = 4, seconds: float = _SECONDS,
        patience: float = _PATIENCE_SECONDS, command: Sequence[str] | None = None,
    ) -> None:  # fmt: skip
        # Isolated: neither the environment nor the folder says what the child imports.
        self._command = tuple(command or (sys.executable, "-I", str(_CHILD)))
        self._turns = asyncio.Semaphore(at_once)
        self._most = at_once + waiting
        self._present = 0
        self._seconds = seconds
        self._patience = patience

    async def pictures_of(self, kind: FileType, content: bytes) -> Pictures:
        """Return a photo, or the pages of a PDF, as upright JPEGs that are nothing but pixels.

        Raises Invalid `file_too_many_pixels`, `file_too_many_pages`, `file_encrypted`, `file_too_complex` or
        `file_unreadable`; Unavailable `files_busy`.
        """
        return await self._ask({"type": kind}, content)

    async def watermarked(self, picture: bytes, lines: Sequence[str]) -> bytes:
        """Return one of the JPEGs made here with lines of text all over it; raises as `pictures_of` does."""
        return (await self._ask({"lines": list(lines)}, picture))[0]

    async def _ask(self, task: Mapping[str, Any], content: bytes) -> Pictures:
        if self._present >= self._most:
            raise _busy()
        self._present += 1
        try:
            await self._await_turn()
            try:
                answer = await self._run(json.dumps(task).encode() + b"\n", content)
            finally:
                self._turns.release()
        finally:
            self._present -= 1
        return _read(answer)

    async def _await_turn(self) -> None:
        try:
            async with asyncio.timeout(self._patience):
                await self._turns.acquire()
        except TimeoutError:
            raise _busy() from None

    async def _run(self, task: bytes, content: bytes) -> bytes:
        child = await asyncio.create_subprocess_exec(
            *self._command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL, env={}, cwd=Path(sys.prefix).anchor, start_new_session=True,
        )  # fmt: skip
        assert child.stdin is not None  # noqa: S101 - a pipe was asked for
        assert child.stdout is not None  # noqa: S101 - likewise
        try:
            async with asyncio.timeout(self._seconds):
                _, answer = await asyncio.gather(
                    _feed(child.stdin, task, content), _read_at_most(child.stdout, _MOST_ANSWERED)
                )
                await child.wait()
        except TimeoutError:
            answer = b""
        finally:
            if child.returncode is None:
                await _end(child, child.stdout)
        if not answer:
            _log.warning("file_reader_ended", returncode=child.returncode, size=len(content))
        return answer


def _busy() -> Unavailable:
    message = "Too many files are being read right now; try again."
    return Unavailable("files_busy", message, retry_after_seconds=2)


async def _end(child: asyncio.subprocess.Process, pipe: asyncio.StreamReader) -> None:
    with suppress(ProcessLookupError, PermissionError):
        if sys.platform == "win32":
            child.kill()
        else:
            # With whatever it started, though it should have been able to start nothing.
            os.killpg(child.pid, signal.SIGKILL)
    # What it said last is read to the end: only then is the pipe closed.
    while await pipe.read(65_536):
        continue
    await child.wait()


async def _feed(pipe: asyncio.StreamWriter, task: bytes, content: bytes) -> None:
    # A child that ended has said why, or will not.
    with suppress(ConnectionError):
        pipe.write(task)
        pipe.write(content)
        await pipe.drain()
    with suppress(ConnectionError):
        pipe.close()
        await pipe.wait_closed()


async def _read_at_most(pipe: asyncio.StreamReader, most: int) -> bytes:
    found = bytearray()
    while chunk := await pipe.read(65_536):
        found += chunk
        if len(found) > most:
            raise TimeoutError
    return bytes(found)


def _read(answer: bytes) -> Pictures:
    header, _, content = answer.partition(b"\n")
    said = json.loads(header) if header else {"problem": "too_complex"}
    problem = said.get("problem")
    if problem is not None:
        raise Invalid(f"file_{problem}", _PROBLEMS[problem])
    ends = [sum(said["sizes"][: count + 1]) for count in range(len(said["sizes"]))]
    pictures = [content[end - size : end] for end, size in zip(ends, said["sizes"], strict=True)]
    # A child that was cut short, or taken over, is believed nothing.
    if not ends or len(content) != ends[-1] or not all(it.startswith(b"\xff\xd8\xff") for it in pictures):
        raise Invalid("file_too_complex", _PROBLEMS["too_complex"])
    return pictures
