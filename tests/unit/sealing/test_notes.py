"""Signed notes: another implementation's example, and ours refused when anything about them is odd."""

from base64 import b64decode, b64encode

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from builders import new_key_pem
from cardwright.core.sensitive import Sensitive
from cardwright.sealing import CheckpointSigner, read_checkpoint, read_public_key
from cardwright.sealing.merkle import leaf_hash
from cardwright.sealing.verifier import is_signed, key_id_of

# From the documentation of Go's golang.org/x/mod/sumdb/note: a verifier key, a text and its signature.
KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
TEXT = (
    b"If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
)
SIGNATURE = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
ORIGIN, ROOT = "cardwright/audit/prog_1", leaf_hash(b"")


def signer() -> CheckpointSigner:
    return CheckpointSigner(Sensitive(new_key_pem()))


def test_keys_have_the_ids_that_other_implementations_of_signed_notes_give_them() -> None:
    name, key_id, encoded = KEY.split("+", 2)
    key = Ed25519PublicKey.from_public_bytes(b64decode(encoded)[1:])
    assert key_id_of(name, key).hex() == key_id
    signed = b64decode(SIGNATURE)
    assert signed[:4].hex() == key_id
    key.verify(signed[4:], TEXT)


def test_a_checkpoint_says_what_was_signed_and_who_signed_it() -> None:
    ours = signer()
    note = ours.sign(ORIGIN, 7, ROOT)
    said = read_checkpoint(note)
    assert (said.origin, said.size, said.root) == (ORIGIN, 7, ROOT)
    assert note.startswith(f"{ORIGIN}\n7\n{b64encode(ROOT).decode()}\n\n\N{EM DASH} {ORIGIN} ")
    assert ours.has_signed(said)
    assert not signer().has_signed(said)
    assert is_signed(said, [read_public_key(ours.public_key_pem().encode())])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("\n7\n", "\n07\n"),
        ("\n7\n", "\n7\nmore\n"),
        ("\n7\n", "\n-7\n"),
        ("prog_1\n", "prog_1 \n"),
        ("\N{EM DASH} cardwright/audit/prog_1", "\N{EM DASH} cardwright/audit/prog_2"),
        ("\N{EM DASH} ", "- "),
        ("=\n\n", "\n\n"),
        ("=\n\n", "==\n\n"),
    ],
)
def test_a_note_in_another_shape_is_no_checkpoint(old: str, new: str) -> None:
    note = signer().sign(ORIGIN, 7, ROOT)
    assert note.count(old) >= 1
    with pytest.raises(ValueError, match=r"checkpoint|padding|base64"):
        read_checkpoint(note.replace(old, new, 1))


def test_a_second_signature_and_what_follows_are_refused() -> None:
    note = signer().sign(ORIGIN, 7, ROOT)
    for longer in (note + note.splitlines()[-1] + "\n", note + "\n", note + " "):
        with pytest.raises(ValueError, match="one signature"):
            read_checkpoint(longer)


def test_a_key_that_was_replaced_vouches_for_what_it_signed() -> None:
    before = signer()
    now = CheckpointSigner(Sensitive(new_key_pem()), [before.public_key_pem()])
    assert now.has_signed(read_checkpoint(before.sign(ORIGIN, 1, ROOT)))
    assert not before.has_signed(read_checkpoint(now.sign(ORIGIN, 2, ROOT)))


def test_a_key_of_another_kind_is_refused() -> None:
    with pytest.raises(ValueError, match=r"Ed25519|PEM"):
        CheckpointSigner(Sensitive("no key"))
    with pytest.raises(ValueError, match="PEM"):
        read_public_key(b"no key")
