"""What may be done to an export so that it says something else: each takes it and returns a mutant."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any, Final

import rfc8785

from cardwright.sealing import CheckpointSigner, read_checkpoint
from cardwright.sealing.merkle import leaf_hash, root_of


@dataclass(frozen=True)
class Exports:
    """The export to change, an older one of the same trail, one of another program, and a foreign key."""

    export: bytes
    older: bytes
    other: bytes
    stranger: CheckpointSigner

    def lines(self) -> list[bytes]:
        return self.export.splitlines(keepends=True)


Mutation = Callable[[Random, Exports], bytes]


def _dump(value: Any) -> bytes:
    return rfc8785.dumps(value) + b"\n"


def _entry_line(random: Random, lines: list[bytes]) -> int:
    return random.randrange(1, len(lines) - 1)


def flip_a_bit(random: Random, exports: Exports) -> bytes:
    changed = bytearray(exports.export)
    changed[random.randrange(len(changed))] ^= 1 << random.randrange(8)
    return bytes(changed)


def change_a_field(random: Random, exports: Exports) -> bytes:
    """Give any member, at any depth of any line, another value, in canonical form."""
    lines = exports.lines()
    at = random.randrange(len(lines))
    value = json.loads(lines[at])
    holder, name = random.choice(list(_members(value)))
    holder[name] = random.choice(
        [other for other in (None, True, 1, 0, "", "user_eve", {}, []) if not _same(other, holder[name])]
    )
    lines[at] = _dump(value)
    return b"".join(lines)


def change_an_entry_and_its_hash(random: Random, exports: Exports) -> bytes:
    """What the leaf hash of the line would show is covered up."""
    lines = exports.lines()
    at = _entry_line(random, lines)
    value = json.loads(lines[at])
    value["entry"]["actor_id"] = f"user_{random.randrange(1000)}"
    value["leaf_hash"] = leaf_hash(rfc8785.dumps(value["entry"])).hex()
    lines[at] = _dump(value)
    return b"".join(lines)


def write_the_same_differently(random: Random, exports: Exports) -> bytes:
    """Keep the meaning and change the bytes: spaces, order of members, escapes, numbers, line ends."""
    lines = exports.lines()
    at = _entry_line(random, lines)
    line = lines[at].rstrip(b"\n")
    value = json.loads(line)
    lines[at] = random.choice(
        [
            line + b" \n",
            b"\t" + line + b"\n",
            line + b"\r\n",
            line.replace(b":", b": ", 1) + b"\n",
            json.dumps(dict(reversed(value.items())), separators=(",", ":"), ensure_ascii=False).encode()
            + b"\n",
            line.replace("ë".encode(), b"\\u00eb") + b"\n",
            line.replace(b'"day":5', b'"day":5.0') + b"\n",
            line.replace(b'"day":5', b'"day":5e0') + b"\n",
            line[:-1] + b',"index":' + str(value["index"]).encode() + b"}\n",
            b"\xef\xbb\xbf" + line + b"\n",
            line.decode().encode("utf-16-le") + b"\n",
            line + b"\n\n",
        ]
    )
    return b"".join(lines)


def remove(random: Random, exports: Exports) -> bytes:
    lines = exports.lines()
    first = random.randrange(len(lines))
    del lines[first : first + random.randrange(1, 4)]
    return b"".join(lines)


def remove_and_close_the_gap(random: Random, exports: Exports) -> bytes:
    """The entries that follow are numbered anew, and the header says so."""
    lines = exports.lines()
    del lines[_entry_line(random, lines)]
    return _renumbered(lines)


def repeat(random: Random, exports: Exports) -> bytes:
    lines = exports.lines()
    lines.insert(random.randrange(len(lines) + 1), random.choice(lines))
    return b"".join(lines)


def insert(random: Random, exports: Exports) -> bytes:
    lines = exports.lines()
    at = _entry_line(random, lines)
    value = json.loads(lines[at])
    value["entry"]["id"] = "audit_made_up"
    value["leaf_hash"] = leaf_hash(rfc8785.dumps(value["entry"])).hex()
    lines.insert(at, _dump(value))
    return _renumbered(lines) if random.random() < 0.5 else b"".join(lines)


def swap(random: Random, exports: Exports) -> bytes:
    lines = exports.lines()
    one, other = random.sample(range(len(lines)), 2)
    lines[one], lines[other] = lines[other], lines[one]
    return b"".join(lines)


def swap_and_renumber(random: Random, exports: Exports) -> bytes:
    lines = exports.lines()
    one, other = random.sample(range(1, len(lines) - 1), 2)
    lines[one], lines[other] = lines[other], lines[one]
    return _renumbered(lines)


def cut_at_a_line(random: Random, exports: Exports) -> bytes:
    return b"".join(exports.lines()[: random.randrange(len(exports.lines()))])


def cut_at_a_byte(random: Random, exports: Exports) -> bytes:
    return exports.export[: random.randrange(len(exports.export))]


def cut_and_end_with_an_older_checkpoint(random: Random, exports: Exports) -> bytes:
    """The older checkpoint is genuine, and some other number of entries stands before it."""
    older, lines = exports.older.splitlines(keepends=True), exports.lines()
    kept = random.choice([number for number in range(1, len(lines) - 1) if number != len(older) - 2])
    return b"".join([older[0], *lines[1 : kept + 1], older[-1]])


def forge_the_checkpoint(random: Random, exports: Exports) -> bytes:
    """An entry is changed, and all that follows from it made anew and signed with another key."""
    lines = exports.lines()
    at = _entry_line(random, lines)
    value = json.loads(lines[at])
    value["entry"]["subject_id"] = f"card_{random.randrange(10_000)}x"
    value["leaf_hash"] = leaf_hash(rfc8785.dumps(value["entry"])).hex()
    lines[at] = _dump(value)
    return _signed_anew(lines, exports.stranger, keep_key_id=random.random() < 0.5)


def sign_with_another_key(random: Random, exports: Exports) -> bytes:
    return _signed_anew(exports.lines(), exports.stranger, keep_key_id=random.random() < 0.5)


def change_the_note(random: Random, exports: Exports) -> bytes:
    lines = exports.lines()
    note = json.loads(lines[-1])["checkpoint"]
    at = random.randrange(len(note))
    letter = random.choice([one for one in "A\n 0/+=\N{EM DASH}" if one != note[at]])
    lines[-1] = _dump({"checkpoint": note[:at] + letter + note[at + random.randrange(2) :]})
    return b"".join(lines)


def splice_from_another_program(random: Random, exports: Exports) -> bytes:
    """One line, or all entries from somewhere on, are the other program's."""
    lines, other = exports.lines(), exports.other.splitlines(keepends=True)
    at = random.randrange(len(lines))
    if random.random() < 0.5:
        lines[at] = other[at]
        return b"".join(lines)
    at = _entry_line(random, lines)
    return b"".join([*lines[:at], *other[at:-1], lines[-1]])


def append_after_the_end(random: Random, exports: Exports) -> bytes:
    return exports.export + random.choice(
        [b"\n", b" ", b"{}\n", b"\x00", exports.lines()[-1], exports.export]
    )


def _members(value: Any) -> list[tuple[Any, Any]]:
    found: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        for name, member in value.items():
            found += [(value, name), *_members(member)]
    return found


def _same(one: object, other: object) -> bool:
    return type(one) is type(other) and one == other


def _renumbered(lines: list[bytes]) -> bytes:
    entries = [json.loads(line) for line in lines[1:-1]]
    header = {**json.loads(lines[0]), "size": len(entries)}
    numbered = [_dump({**entry, "index": index}) for index, entry in enumerate(entries)]
    return b"".join([_dump(header), *numbered, lines[-1]])


def _signed_anew(lines: list[bytes], signer: CheckpointSigner, *, keep_key_id: bool) -> bytes:
    header = json.loads(lines[0])
    entries = [json.loads(line)["entry"] for line in lines[1:-1]]
    root = root_of(leaf_hash(rfc8785.dumps(entry)) for entry in entries)
    note = signer.sign(header["origin"], len(entries), root)
    if not keep_key_id:
        header["key_id"] = read_checkpoint(note).key_id.hex()
    return b"".join([_dump(header), *lines[1:-1], _dump({"checkpoint": note})])


MUTATIONS: Final[Mapping[str, Mutation]] = {
    mutation.__name__: mutation
    for mutation in (
        flip_a_bit, change_a_field, change_an_entry_and_its_hash, write_the_same_differently, remove,
        remove_and_close_the_gap, repeat, insert, swap, swap_and_renumber, cut_at_a_line, cut_at_a_byte,
        cut_and_end_with_an_older_checkpoint, forge_the_checkpoint, sign_with_another_key, change_the_note,
        splice_from_another_program, append_after_the_end,
    )
}  # fmt: skip
