"""A sealed record opens in its own place and nowhere else; no nonce comes twice; no byte may change."""

import base64
import itertools
import random
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from cardwright.encryption.domain import Cipher, EncryptionError, Place, associated_data, key_id_of

KEY = AESGCM(bytes(range(32)))
CIPHER = Cipher("dek_one", "prog_a", KEY)
PLACE = Place("profiles", "phone", "user_1", "prog_a")
MOVES = 10_000


def test_a_record_says_what_was_sealed_and_names_its_key() -> None:
    for text in ("", "+15551234567", "Zoë 家", "x" * 10_000):
        sealed = CIPHER.seal(PLACE, text)
        assert CIPHER.open(PLACE, sealed) == text
        assert key_id_of(sealed) == "dek_one"


def test_ten_thousand_moves_to_another_row_column_table_tenant_or_key_open_nothing() -> None:
    chance = random.Random(7)  # noqa: S311 - the same moves in every run
    ciphers = {
        (program, key_id): Cipher(key_id, program, AESGCM(chance.randbytes(32)))
        for program in ("prog_a", "prog_b")
        for key_id in ("dek_one", "dek_two")
    }
    # Names that run into each other, as a careless joining of them would not notice.
    places = [
        Place(*parts)
        for parts in itertools.product(
            ("profiles", "profile", "s"),
            ("phone", "sphone", "phone,"),
            ("user_1", "1", '"'),
            ("prog_a", "prog_b"),
        )
    ]
    homes = [
        (place, cipher, cipher.seal(place, "secret"))
        for place in places
        for cipher in ciphers.values()
        if cipher.program_id == place.program_id
    ]
    opened = moved = 0
    while moved < MOVES:
        home, under, sealed = chance.choice(homes)
        there, cipher = chance.choice(places), chance.choice(list(ciphers.values()))
        if (there, cipher) == (home, under):
            continue
        moved += 1
        opened += _opens(cipher, there, sealed)
        # Somebody who moves a record may write the name of the key there into it, too.
        opened += _opens(cipher, there, sealed.replace(under.key_id, cipher.key_id))
    assert opened == 0
    assert all(cipher.open(place, sealed) == "secret" for place, cipher, sealed in homes)


def test_the_key_material_being_equal_the_binding_alone_keeps_records_in_their_place() -> None:
    sealed = CIPHER.seal(PLACE, "secret")
    for changed in ({"table": "t"}, {"column": "c"}, {"row_id": "r"}):
        assert not _opens(CIPHER, replace(PLACE, **changed), sealed)
    elsewhere = replace(PLACE, program_id="prog_b")
    assert not _opens(Cipher("dek_one", "prog_b", KEY), elsewhere, sealed)
    assert not _opens(Cipher("dek_two", "prog_a", KEY), PLACE, sealed)
    assert _opens(CIPHER, PLACE, sealed)


def test_a_key_of_another_program_neither_seals_nor_opens() -> None:
    stranger = Cipher("dek_one", "prog_b", KEY)
    with pytest.raises(EncryptionError, match="not a key of the program"):
        stranger.seal(PLACE, "secret")
    with pytest.raises(EncryptionError, match="not a key of the program"):
        stranger.open(PLACE, CIPHER.seal(PLACE, "secret"))


def test_no_two_places_share_their_associated_data() -> None:
    names = ("a", "b", "ab", "", '"', ",", '","', "\\")
    places = [Place(*parts) for parts in itertools.product(names, repeat=4)]
    assert len({associated_data(place, key) for place in places for key in ("k", "l")}) == 2 * len(places)


def test_a_nonce_never_comes_twice_under_a_key() -> None:
    nonces = {
        base64.urlsafe_b64decode(CIPHER.seal(PLACE, "x").rpartition(":")[2][:16]) for _ in range(20_000)
    }
    assert len(nonces) == 20_000


def test_a_change_of_any_byte_or_letter_is_refused() -> None:
    sealed = CIPHER.seal(PLACE, "+15551234567")
    head, _, text = sealed.rpartition(":")
    record = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    for position, bit in itertools.product(range(len(record)), range(8)):
        changed = bytearray(record)
        changed[position] ^= 1 << bit
        tampered = base64.urlsafe_b64encode(bytes(changed)).decode().rstrip("=")
        assert not _opens(CIPHER, PLACE, f"{head}:{tampered}")
    for position in range(len(sealed)):
        for letter in "A9_-:= \n\u00e9":
            if sealed[position] != letter:
                assert not _accepted(sealed[:position] + letter + sealed[position + 1 :])
    for shorter in range(len(sealed)):
        assert not _accepted(sealed[:shorter])
    assert not _accepted(sealed + "=")
    assert not _accepted(sealed + "A")


def test_what_is_no_record_is_refused_as_such() -> None:
    for text in (
        "",
        "+15551234567",
        "s1:dek_one",
        "s2:dek_one:AAAA",
        "s1:dek_one:AAAA",
        "s1:dek_one:!!",
        "::::",
    ):
        assert not _accepted(text)


def test_a_cipher_and_its_errors_show_neither_key_nor_text() -> None:
    assert repr(CIPHER) == "Cipher(key_id='dek_one', program_id='prog_a')"
    with pytest.raises(EncryptionError) as refused:
        CIPHER.open(replace(PLACE, row_id="user_2"), CIPHER.seal(PLACE, "hunter2"))
    assert "hunter2" not in str(refused.value)


def _accepted(sealed: str) -> bool:
    # As the service does: first the key that is named, then the record.
    try:
        return key_id_of(sealed) == CIPHER.key_id and bool(CIPHER.open(PLACE, sealed))
    except EncryptionError:
        return False


def _opens(cipher: Cipher, place: Place, sealed: str) -> bool:
    try:
        cipher.open(place, sealed)
    except EncryptionError:
        return False
    return True
