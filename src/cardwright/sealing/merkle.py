"""RFC 6962 Merkle trees over SHA-256: growing one, its root, proofs of inclusion and of consistency."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

HASH_BYTES: Final = 32


def leaf_hash(content: bytes) -> bytes:
    """Return the hash that stands for a leaf; its prefix keeps it apart from every inner node."""
    return sha256(b"\x00" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node."""
    return sha256(b"\x01" + left + right).digest()


@dataclass(slots=True)
class Tree:
    """A tree that only grows, kept as the roots of its perfect subtrees, largest first: O(log n) memory."""

    size: int = 0
    peaks: list[bytes] = field(default_factory=list)

    def append(self, leaf: bytes) -> None:
        """Add the hash of the next leaf."""
        carried, rest = leaf, self.size
        while rest & 1:
            carried = node_hash(self.peaks.pop(), carried)
            rest >>= 1
        self.peaks.append(carried)
        self.size += 1

    def root(self) -> bytes:
        """Return the hash of the whole tree; that of nothing for an empty one."""
        if not self.peaks:
            return sha256(b"").digest()
        *others, found = self.peaks
        for peak in reversed(others):
            found = node_hash(peak, found)
        return found


def root_of(leaves: Iterable[bytes]) -> bytes:
    """Return the root of a tree of leaf hashes."""
    tree = Tree()
    for leaf in leaves:
        tree.append(leaf)
    return tree.root()


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Return the proof that the leaf at `index` is in the tree; IndexError when there is none."""
    if not 0 <= index < len(leaves):
        raise IndexError(index)
    if len(leaves) == 1:
        return []
    half = _largest_power_below(len(leaves))
    if index < half:
        return [*inclusion_proof(leaves[:half], index), root_of(leaves[half:])]
    return [*inclusion_proof(leaves[half:], index - half), root_of(leaves[:half])]


def is_included(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Answer whether a proof leads from the leaf at `index` to the root of a tree of `size` leaves."""
    if not 0 <= index < size:
        return False
    place, last, found = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            found = node_hash(sibling, found)
            # Levels on which the node has no sibling are passed over.
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and found == root


def consistency_proof(leaves: Sequence[bytes], old_size: int) -> list[bytes]:
    """Return the proof that a tree extends that of its first `old_size` leaves; IndexError outside of it."""
    if not 0 < old_size <= len(leaves):
        raise IndexError(old_size)
    return _subproof(leaves, old_size, is_old_whole=True)


def _subproof(leaves: Sequence[bytes], old_size: int, *, is_old_whole: bool) -> list[bytes]:
    if old_size == len(leaves):
        return [] if is_old_whole else [root_of(leaves)]
    half = _largest_power_below(len(leaves))
    if old_size <= half:
        below = _subproof(leaves[:half], old_size, is_old_whole=is_old_whole)
        return [*below, root_of(leaves[half:])]
    below = _subproof(leaves[half:], old_size - half, is_old_whole=False)
    return [*below, root_of(leaves[:half])]


def is_consistent(
    old_size: int, new_size: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Answer whether a proof shows that the new tree has the old one as its beginning."""
    if not 0 < old_size <= new_size:
        return False
    if old_size == new_size:
        return old_root == new_root and not proof
    # A tree whose size is a power of two is a node of the new one, and left out of the proof.
    path = [old_root, *proof] if old_size & (old_size - 1) == 0 else list(proof)
    if not path:
        return False
    place, last = old_size - 1, new_size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and (old, new) == (old_root, new_root)


def _largest_power_below(size: int) -> int:
    return 1 << (size - 1).bit_length() - 1
