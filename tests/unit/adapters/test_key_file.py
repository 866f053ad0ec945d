"""The key file: what it wraps, how its keys are replaced, and which files protect nothing."""

import base64
import json
import secrets
from pathlib import Path
from typing import Any

import pytest

from cardwright.adapters.key_file import FileKeyProvider, WeakKey, add_key
from cardwright.encryption import EncryptionError, WrappedKey

CONTEXT = {"program_id": "prog_a", "key_id": "dek_one"}
DATA_KEY = secrets.token_bytes(32)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "keys.json"
    add_key(made)
    return made


def _change(path: Path, **changes: Any) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


async def test_what_was_wrapped_unwraps_in_its_context_only(path: Path) -> None:
    provider = FileKeyProvider(path)
    wrapped = await provider.wrap(DATA_KEY, CONTEXT)
    assert DATA_KEY not in wrapped.ciphertext
    assert await provider.unwrap(wrapped, dict(reversed(CONTEXT.items()))) == DATA_KEY
    for other in ({}, {**CONTEXT, "program_id": "prog_b"}, {**CONTEXT, "more": ""}):
        with pytest.raises(EncryptionError, match="belongs elsewhere"):
            await provider.unwrap(wrapped, other)
    for ciphertext in (b"", wrapped.ciphertext[:-1], wrapped.ciphertext[1:]):
        with pytest.raises(EncryptionError, match="was changed"):
            await provider.unwrap(WrappedKey(wrapped.provider_key_id, ciphertext), CONTEXT)


async def test_a_key_added_to_the_file_is_used_at_once_by_a_provider_that_runs(path: Path) -> None:
    early, late = FileKeyProvider(path), FileKeyProvider(path)
    old = await early.wrap(DATA_KEY, CONTEXT)
    added = add_key(path)
    new = await late.wrap(DATA_KEY, CONTEXT)
    assert (new.provider_key_id, old.provider_key_id == added) == (added, False)
    assert await early.unwrap(new, CONTEXT) == await late.unwrap(old, CONTEXT) == DATA_KEY
    with pytest.raises(EncryptionError, match="has no key kek_gone"):
        await early.unwrap(WrappedKey("kek_gone", new.ciphertext), CONTEXT)


def test_a_key_file_is_its_owners_alone_and_is_replaced_as_a_whole(path: Path) -> None:
    before = path.stat()
    add_key(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.stat().st_ino != before.st_ino
    assert list(path.parent.iterdir()) == [path]
    assert len(json.loads(path.read_text())["keys"]) == 2


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o610, 0o666])
def test_a_file_that_others_may_read_or_write_is_refused(path: Path, mode: int) -> None:
    path.chmod(mode)
    with pytest.raises(WeakKey, match="by others than its owner"):
        FileKeyProvider(path)


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        (bytes(32), "is not random"),
        (b"\xff" * 32, "is not random"),
        (b"passwordpasswordpasswordpassword", "is not random"),
        (bytes(range(16)), "is not 32 bytes long"),
        (bytes(range(33)), "is not 32 bytes long"),
        (b"", "is not 32 bytes long"),
    ],
)
def test_a_weak_key_is_refused(path: Path, key: bytes, reason: str) -> None:
    _change(path, current="kek_x", keys={"kek_x": base64.b64encode(key).decode()})
    with pytest.raises(WeakKey, match=reason):
        FileKeyProvider(path)


def test_a_demos_key_is_refused_unless_it_is_accepted(path: Path, tmp_path: Path) -> None:
    demo = tmp_path / "demo.json"
    add_key(demo, is_demo=True)
    add_key(demo)
    with pytest.raises(WeakKey, match="was made by a demo"):
        FileKeyProvider(demo)
    assert FileKeyProvider(demo, accept_demo=True)
    content = json.loads(path.read_text())
    del content["demo"]
    path.write_text(json.dumps(content))
    with pytest.raises(WeakKey, match="was made by a demo"):
        FileKeyProvider(path)


def test_a_file_that_is_missing_or_broken_is_refused_without_showing_it(path: Path) -> None:
    with pytest.raises(WeakKey, match="No such file"):
        FileKeyProvider(path.with_name("none.json"))
    _change(path, current="kek_gone")
    with pytest.raises(WeakKey, match="lacks its current key"):
        FileKeyProvider(path)
    for content in (
        "",
        "[]",
        "{}",
        '"hunter2"',
        '{"keys": {"a": "hunter2!"}, "current": "a"}',
        '{"keys": []}',
    ):
        path.write_text(content)
        with pytest.raises(WeakKey, match="is not a key file") as refused:
            FileKeyProvider(path)
        assert "hunter2" not in str(refused.value)
        assert refused.value.__suppress_context__
