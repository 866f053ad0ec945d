"""Judge an export of sealed entries with the public key alone; stands beside merkle.py, to be copied.

An export is JSON Lines, every line in the canonical form of RFC 8785 and ended by a line feed: a header, the
entries in the order they were sealed, and a checkpoint (C2SP signed note) of the Merkle tree of the entries.
Nothing but these very bytes passes: even what changes no meaning, such as white space, is refused.
Where a format has checkpoints between the entries, too, they show which of the entries a forgery is among.
"""

import json
import re
from base64 import b64decode, b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from cardwright.sealing.merkle import HASH_BYTES, Tree, leaf_hash

_HEADER: Final = {"format", "key_id", "origin", "program_id", "size"}
_LINE: Final = {"entry", "index", "leaf_hash"}
_CHECKPOINT_BEGINS: Final = b'{"checkpoint":'
_KEY_ID_BYTES: Final = 4
_NOTE: Final = re.compile(
    r"(?P<text>(?P<origin>[^\s+]+)\n(?P<size>0|[1-9][0-9]{0,18})\n(?P<root>[A-Za-z0-9+/=]+)\n)"
    r"\n\N{EM DASH} (?P<name>[^\s+]+) (?P<signature>[A-Za-z0-9+/=]+)\n"
)


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """Whose entries an export has; with `is_marked` also the checkpoints that were signed on the way."""

    log: str
    is_marked: bool = False

    @property
    def name(self) -> str:
        """The word that an export begins with."""
        return f"cardwright-{self.log}-export/1"

    def origin_of(self, program_id: str) -> str:
        """Return the name under which a program's checkpoints are signed."""
        return f"cardwright/{self.log}/{program_id}"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A signed note on a tree: its origin, how many leaves it has, its root, and who signed the text."""

    origin: str
    size: int
    root: bytes
    text: bytes
    key_id: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is not as it was signed; `line` counts from 1."""

    line: int
    what: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found: the export is genuine when there is no problem. `checkpoint` is its last line's."""

    entries: int
    problems: tuple[Problem, ...]
    checkpoint: Checkpoint | None


def key_id_of(origin: str, key: Ed25519PublicKey) -> bytes:
    """Return the short id that a signed note gives for a key of that name."""
    return sha256(origin.encode() + b"\n\x01" + key.public_bytes_raw()).digest()[:_KEY_ID_BYTES]


def read_checkpoint(note: str) -> Checkpoint:
    """Return what a note with one signature says, not checked; raise ValueError for anything else."""
    found = _NOTE.fullmatch(note)
    if found is None or found["name"] != found["origin"]:
        raise ValueError("this is not a checkpoint with one signature")
    root, signed = _decoded(found["root"]), _decoded(found["signature"])
    if len(root) != HASH_BYTES:
        raise ValueError("the root of the checkpoint is not a hash")
    key_id, signature = signed[:_KEY_ID_BYTES], signed[_KEY_ID_BYTES:]
    return Checkpoint(found["origin"], int(found["size"]), root, found["text"].encode(), key_id, signature)


def is_signed(checkpoint: Checkpoint, keys: Iterable[Ed25519PublicKey]) -> bool:
    """Answer whether one of the keys signed a checkpoint."""
    for key in keys:
        try:
            key.verify(checkpoint.signature, checkpoint.text)
        except InvalidSignature:
            continue
        return checkpoint.key_id == key_id_of(checkpoint.origin, key)
    return False


def verify_export(
    form: ExportFormat,
    lines: Iterable[bytes],
    keys: Sequence[Ed25519PublicKey],
    *,
    since: Checkpoint | None = None,
) -> Verdict:
    """Judge an export, given line by line with the line feeds; memory does not grow with its length.

    `since` is a checkpoint kept from before: the export must extend it, or the trail was rolled back.
    """
    walk, number = _Walk(form, keys, since), 1
    held: bytes | None = None
    for number, line in enumerate(lines, 1):
        if held is not None:
            walk.take(number - 1, held)
        held = line
    walk.end(number, held or b"")
    return Verdict(walk.tree.size, tuple(walk.problems), walk.checkpoint)


@dataclass(slots=True)
class _Walk:
    form: ExportFormat
    keys: Sequence[Ed25519PublicKey]
    since: Checkpoint | None
    tree: Tree = field(default_factory=Tree)
    problems: list[Problem] = field(default_factory=list)
    header: dict[str, Any] = field(default_factory=dict)
    checkpoint: Checkpoint | None = None
    expected_index: int = 0
    earlier_root: bytes | None = None
    vouched_size: int = 0
    is_forged: bool = False

    def take(self, number: int, line: bytes) -> None:
        """Read the header, an entry, or a checkpoint on the way."""
        if self.form.is_marked and line.startswith(_CHECKPOINT_BEGINS):
            self.take_checkpoint(number, line)
            return
        value = self.parse(number, line, _HEADER if number == 1 else _LINE)
        if value is None:
            return
        if number > 1:
            self.take_entry(number, value)
            return
        self.header = value
        self.ensure(number, value["format"] == self.form.name, f"the format is not {self.form.name}")
        is_named = value["origin"] == self.form.origin_of(str(value["program_id"]))
        self.ensure(number, is_named, "the origin is not that of the program")

    def take_entry(self, number: int, line: dict[str, Any]) -> None:
        index, entry, expected = line["index"], line["entry"], self.expected_index
        if type(index) is int and entry is None:
            self.ensure(number, False, f"entry {index} is gone")
            self.expected_index = index + 1
            return
        # `true` equals 1 in Python, and must not here.
        if type(index) is not int or not isinstance(entry, dict):
            self.ensure(number, False, "the line is not an entry with its index")
            return
        said = f"entry {index} stands where entry {expected} should: removed, inserted, repeated or reordered"
        self.ensure(number, index == expected, said)
        self.expected_index = index + 1
        is_of_program = entry.get("program_id") == self.header.get("program_id")
        self.ensure(number, is_of_program, "the entry is of another program")
        leaf = leaf_hash(rfc8785.dumps(entry))
        self.ensure(number, line["leaf_hash"] == leaf.hex(), "the entry is not what its leaf hash commits to")
        self.tree.append(leaf)
        if self.since is not None and self.tree.size == self.since.size:
            self.earlier_root = self.tree.root()

    def take_checkpoint(self, number: int, line: bytes) -> Checkpoint | None:
        """Compare the entries so far with what was signed of them; None when this is no checkpoint."""
        value = self.parse(number, line, {"checkpoint"})
        if value is None:
            return None
        try:
            signed = read_checkpoint(str(value["checkpoint"]))
        except ValueError as error:
            self.ensure(number, False, str(error))
            return None
        self.ensure(number, is_signed(signed, self.keys), "the checkpoint is not signed by the key")
        self.ensure(number, signed.origin == self.header.get("origin"), "the checkpoint is of another trail")
        said = f"{self.tree.size} entries are here and {signed.size} were signed"
        self.ensure(number, signed.size == self.tree.size, said)
        if signed.root == self.tree.root():
            self.vouched_size = self.tree.size
        elif not self.is_forged:
            # What follows the first of them is under other roots, too, and says nothing more.
            self.is_forged = True
            said = "the entries are not, or not in this order, those that were signed"
            self.ensure(number, False, f"{said}: look at {self.vouched_size} to {self.tree.size - 1}")
        return signed

    def end(self, number: int, line: bytes) -> None:
        """Compare what was read with the checkpoint of the last line."""
        signed = self.checkpoint = self.take_checkpoint(number, line)
        if signed is None:
            self.ensure(number, False, "the export does not end with its checkpoint: it is cut off")
            return
        repeated = (self.header.get("size"), self.header.get("key_id"))
        is_repeated = repeated == (signed.size, signed.key_id.hex()) and type(repeated[0]) is int
        self.ensure(1, is_repeated, "the size and the key id are not the checkpoint's")
        if self.since is not None:
            is_ours = is_signed(self.since, self.keys) and self.since.origin == signed.origin
            self.ensure(number, is_ours, "the older checkpoint is of another trail, or not signed by the key")
            said = f"this does not extend the older checkpoint of {self.since.size} entries: rolled back"
            self.ensure(number, self.earlier_root == self.since.root, said)

    def parse(self, number: int, line: bytes, names: set[str]) -> dict[str, Any] | None:
        try:
            value = json.loads(line)
            is_canonical = rfc8785.dumps(value) + b"\n" == line
        except (ValueError, RecursionError):
            self.ensure(number, False, "the line is not JSON in UTF-8, or is cut off")
            return None
        self.ensure(number, is_canonical, "the line is not in canonical form")
        if not isinstance(value, dict) or set(value) != names:
            self.ensure(number, False, f"the line does not have {', '.join(sorted(names))}")
            return None
        return value

    def ensure(self, number: int, is_so: bool, what: str) -> None:
        if not is_so:
            self.problems.append(Problem(number, what))


def _decoded(text: str) -> bytes:
    found = b64decode(text, validate=True)
    if b64encode(found).decode() != text:
        raise ValueError("the checkpoint is not in strict base64")
    return found
