"""Trees as RFC 6962 has them: its known answers, and what holds of every tree."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardwright.sealing.merkle import (
    Tree,
    consistency_proof,
    inclusion_proof,
    is_consistent,
    is_included,
    leaf_hash,
    root_of,
)

# The leaves, roots and proofs that implementations of Certificate Transparency are tested with.
CONTENTS = (
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
)
LEAVES = [leaf_hash(bytes.fromhex(content)) for content in CONTENTS]
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
PATH_OF_THE_FIRST_OF_EIGHT = [
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
]
FROM_SIX_TO_EIGHT = [
    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
]
trees = st.integers(1, 70).map(lambda size: [leaf_hash(bytes([number])) for number in range(size)])


def test_the_empty_tree_is_the_hash_of_nothing() -> None:
    assert root_of([]) == sha256(b"").digest()


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_the_known_ones(size: int) -> None:
    assert root_of(LEAVES[:size]).hex() == ROOTS[size - 1]


def test_proofs_are_the_known_ones() -> None:
    assert [node.hex() for node in inclusion_proof(LEAVES, 0)] == PATH_OF_THE_FIRST_OF_EIGHT
    assert [node.hex() for node in consistency_proof(LEAVES, 6)] == FROM_SIX_TO_EIGHT


@given(trees, st.data())
def test_every_leaf_is_proven_at_its_place_and_nowhere_else(leaves: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    other = data.draw(st.integers(-1, len(leaves)))
    proof, root = inclusion_proof(leaves, index), root_of(leaves)
    assert is_included(leaves[index], index, len(leaves), proof, root)
    assert is_included(leaves[index], other, len(leaves), proof, root) == (other == index)
    assert not is_included(leaf_hash(b"other"), index, len(leaves), proof, root)
    assert not is_included(leaves[index], index, len(leaves), [*proof, root], root)
    assert not proof or not is_included(leaves[index], index, len(leaves), proof[:-1], root)


@given(trees, st.data())
def test_every_beginning_is_proven_and_no_other_tree(leaves: list[bytes], data: st.DataObject) -> None:
    old_size = data.draw(st.integers(1, len(leaves)))
    old, new = root_of(leaves[:old_size]), root_of(leaves)
    proof = consistency_proof(leaves, old_size)
    assert is_consistent(old_size, len(leaves), old, new, proof)
    changed = [leaf_hash(b"changed"), *leaves[1:]]
    assert not is_consistent(old_size, len(leaves), root_of(changed[:old_size]), new, proof)
    assert not is_consistent(
        old_size, len(leaves), old, root_of(changed), consistency_proof(changed, old_size)
    )
    assert not is_consistent(old_size, len(leaves), old, new, [*proof, new])
    assert not proof or not is_consistent(old_size, len(leaves), old, new, proof[:-1])


@given(trees, st.integers(0, 70))
def test_a_tree_goes_on_from_its_peaks_as_if_it_had_never_stopped(leaves: list[bytes], cut: int) -> None:
    begun = Tree()
    for leaf in leaves[:cut]:
        begun.append(leaf)
    resumed = Tree(begun.size, list(begun.peaks))
    for leaf in leaves[cut:]:
        resumed.append(leaf)
    assert (resumed.size, resumed.root()) == (len(leaves), root_of(leaves))


@pytest.mark.parametrize("outside", [-1, 0, 9])
def test_what_is_outside_of_a_tree_has_no_proof(outside: int) -> None:
    with pytest.raises(IndexError):
        consistency_proof(LEAVES, outside)
    with pytest.raises(IndexError):
        inclusion_proof(LEAVES, outside or 8)
    assert not is_consistent(outside, 8, LEAVES[0], root_of(LEAVES), [])
    assert not is_included(LEAVES[0], outside or 8, 8, [], root_of(LEAVES))
