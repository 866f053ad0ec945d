"""A folder as the store of sealed documents: whole files or none, for this user of the system alone."""

import asyncio
import os
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

from cardwright.core.errors import Unavailable
from cardwright.kyc import ObjectMissing

_NAME: Final = re.compile(r"[0-9a-f]{64}")
_PRIVATE: Final = 0o700
T = TypeVar("T")


class FolderDocumentStore:
    """Keeps each object as a file; on several machines the folder is one they share."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, name: str, content: bytes) -> None:
        """Write an object beside its place, then move it there."""
        await _ask(self._write, self._path(name), content)

    async def get(self, name: str) -> bytes:
        """Read an object."""
        try:
            return await _ask(self._path(name).read_bytes)
        except FileNotFoundError:
            raise ObjectMissing(name) from None

    async def remove(self, name: str) -> None:
        """Remove an object's file."""
        await _ask(self._path(name).unlink, True)

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise ValueError("an object's name has 64 hexadecimal digits")
        return self._folder / name[:2] / name

    def _write(self, path: Path, content: bytes) -> None:
        self._folder.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
        path.parent.mkdir(mode=_PRIVATE, exist_ok=True)
        # A temporary file is its owner's alone; what it becomes stays so.
        descriptor, written = tempfile.mkstemp(dir=path.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(written).replace(path)
        except BaseException:
            Path(written).unlink(missing_ok=True)
            raise


async def _ask(call: Callable[..., T], *arguments: Any) -> T:
    try:
        return await asyncio.to_thread(call, *arguments)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise Unavailable("documents_unavailable", "The store of documents does not answer.") from error
