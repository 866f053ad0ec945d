"""Signatures, held against Standard Webhooks' library, its published example, and RFC 8032."""

import base64
from datetime import UTC, datetime

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from cardwright.core.clock import SystemClock
from cardwright.core.sensitive import Sensitive
from cardwright.webhooks.domain import Signature
from cardwright.webhooks.signing import SigningKey, headers_of, mint

PUBLISHED = SigningKey(Signature.HMAC, Sensitive("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
OF_RFC_8032 = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")


def public_key_of(key: SigningKey) -> Ed25519PublicKey:
    assert key.public_key is not None
    assert key.public_key.startswith("whpk_")
    return Ed25519PublicKey.from_public_bytes(base64.b64decode(key.public_key.removeprefix("whpk_")))


def test_the_published_example_comes_out_as_published() -> None:
    at = datetime.fromtimestamp(1614265330, UTC)
    headers = headers_of("msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}', [PUBLISHED], at=at)
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_an_ed25519_key_signs_as_the_rfc_says() -> None:
    # What is signed has the id and the time in it, so the RFC's own message cannot be; its public key can.
    key = SigningKey(Signature.ED25519, Sensitive("whsk_" + base64.b64encode(OF_RFC_8032).decode()))
    at = datetime(2026, 11, 23, tzinfo=UTC)
    headers = headers_of("evt_1", b"{}", [key], at=at)
    public = Ed25519PublicKey.from_public_bytes(
        bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
    )
    scheme, _, signature = headers["webhook-signature"].partition(",")
    assert scheme == "v1a"
    public.verify(base64.b64decode(signature), f"evt_1.{int(at.timestamp())}.{{}}".encode())


@given(body=st.text().map(str.encode))
def test_the_public_library_verifies_what_is_signed_and_nothing_else(body: bytes) -> None:
    key, other = mint(Signature.HMAC), mint(Signature.HMAC)
    headers = headers_of("evt_1", body, [key], at=SystemClock().now())
    Webhook(key.text.reveal()).verify(body, headers, json_parse=False)
    for secret, sent in ((other.text.reveal(), body), (key.text.reveal(), body + b" ")):
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(sent, headers, json_parse=False)


def test_while_keys_change_receivers_of_either_one_and_of_either_scheme_can_verify() -> None:
    keys = [mint(Signature.HMAC), mint(Signature.HMAC), mint(Signature.ED25519), mint(Signature.ED25519)]
    headers = headers_of("evt_1", b'{"a":1}', keys, at=SystemClock().now())
    for key in keys[:2]:
        assert Webhook(key.text.reveal()).verify(b'{"a":1}', headers) == {"a": 1}
    signatures = [
        each.partition(",")[2] for each in headers["webhook-signature"].split() if each[:3] == "v1a"
    ]
    signed = f"evt_1.{headers['webhook-timestamp']}.".encode() + b'{"a":1}'
    for key, signature in zip(keys[2:], signatures, strict=True):
        public_key_of(key).verify(base64.b64decode(signature), signed)
    with pytest.raises(InvalidSignature):
        public_key_of(keys[2]).verify(base64.b64decode(signatures[0]), signed + b" ")


def test_keys_have_the_sizes_that_the_standard_asks_for_and_are_never_printed() -> None:
    secret, pair = mint(Signature.HMAC), mint(Signature.ED25519)
    assert 24 <= len(base64.b64decode(secret.text.reveal().removeprefix("whsec_"))) <= 64
    assert pair.text.reveal().startswith("whsk_")
    assert secret.text.reveal() not in repr(secret)
    assert pair.text.reveal() not in repr(pair)
