"""Streams of two real processes with Valkey between them, which is killed; and how a process goes down."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from browsers import sign_in
from builders import provided_for_tests
from cardwright import events
from cardwright.adapters.key_file import FileKeyProvider
from cardwright.adapters.valkey_signals import ValkeySignals
from cardwright.authentication import create_verified_identity
from cardwright.core.clock import SystemClock
from cardwright.core.ids import new_id
from cardwright.db.embedded import EmbeddedValkey
from cardwright.db.jobs import Work
from cardwright.db.outbox import Event
from cardwright.db.session import transaction
from cardwright.notifications import Signals, tell_of_events
from cardwright.notifications.planning import plan
from cardwright.programs import Program
from integration.live.conftest import Stream
from running_application import RunningApplication, running_process


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[EmbeddedValkey]:
    server = EmbeddedValkey(tmp_path / "valkey")
    server.url = server.start()  # type: ignore[attr-defined]
    yield server
    server.stop()
