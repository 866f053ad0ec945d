"""Passkeys against a software authenticator that can lie about everything."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncEngine
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from cardwright.authentication import has_factor
from cardwright.authentication.factors import passkeys
from cardwright.authentication.factors.codes_store import methods_of
from cardwright.authentication.factors.domain import CHALLENGE_LIFETIME, MAX_PASSKEYS, CeremonyPurpose
from cardwright.core.clock import MovableClock
from cardwright.core.errors import Conflict, Invalid, NotFound
from cardwright.db.session import transaction
from depth import tries
from integration.authentication.factor_people import PARTY, Person, somebody
from integration.kyc.people import drain
from software_authenticator import BACKED_UP, BACKUP_ELIGIBLE, GOOD, PRESENT, SoftwareAuthenticator


@pytest.fixture
async def ada(engine: AsyncEngine, clock: MovableClock) -> Person:
    return await somebody(engine, clock)


@pytest.fixture
def device() -> SoftwareAuthenticator:
    return SoftwareAuthenticator()


async def test_a_passkey_signs_its_owner_in_without_a_name(
    ada: Person, device: SoftwareAuthenticator
) -> None:
    added = await ada.with_passkey(device)
    assert (added.name, added.sign_count, added.transports) == ("Phone", 0, ("internal", "hybrid"))
    ada.clock.advance(timedelta(hours=1))
    used = await ada.sign_in(device)
    assert used is not None
    assert used.user_id == ada.owner.user_id
    async with transaction(ada.engine) as session:
        assert await has_factor(session, ada.owner.user_id)
        (stored,) = await passkeys.list_passkeys(session, ada.owner.user_id)
    assert (stored.sign_count, stored.last_used_at) == (1, ada.clock.now())
    assert await ada.audited() == ["passkey.added"]
    assert [event.type for event in await drain(ada.engine)] == ["authentication.factor_added"]


async def test_the_options_ask_for_a_discoverable_credential_and_name_nobody(ada: Person) -> None:
    options = (await ada.registering()).options
    assert options["rp"] == {"id": "cardwright.test", "name": "Demo Program"}
    assert options["authenticatorSelection"] == {
        "residentKey": "required", "requireResidentKey": True, "userVerification": "required",
    }  # fmt: skip
    assert options["attestation"] == "none"
    handle = base64url_to_bytes(options["user"]["id"])
    assert len(handle) == 32
    assert ada.owner.user_id.encode() not in handle
    assert b"ada" not in handle
    assert (await ada.registering()).options["user"]["id"] == options["user"]["id"]
    signing_in = (await ada.signing_in()).options
    assert (signing_in["userVerification"], signing_in["allowCredentials"]) == ("required", [])


async def test_a_known_credential_is_excluded_and_cannot_be_added_again_by_anybody(
    ada: Person, device: SoftwareAuthenticator
) -> None:
    await ada.with_passkey(device)
    ceremony = await ada.registering()
    excluded = [known["id"] for known in ceremony.options["excludeCredentials"]]
    assert excluded == [bytes_to_base64url(device.credential_id)]
    eve = await somebody(ada.engine, ada.clock, "eve@example.com")
    for person in (ada, eve):
        with pytest.raises(Conflict, match="added before"):
            await person.with_passkey(device)


FORGED_REGISTRATIONS: list[dict[str, Any]] = [
    {"origin": "https://cardwright.test.evil.example"}, {"origin": "http://cardwright.test"},
    {"origin": "https://cardwright.test:8443"}, {"rp_id": "evil.example"}, {"rp_id": "test"},
    {"challenge": "c29tZXRoaW5nIGVsc2U"}, {"flags": PRESENT}, {"flags": GOOD & ~PRESENT},
    {"type": "webauthn.get"}, {"cross_origin": True}, {"flags": GOOD | BACKED_UP},
    {"fmt": "fido-u2f"}, {"fmt": "none", "statement": {"alg": -7}}, {"fmt": "tpm"},
]  # fmt: skip


@pytest.mark.parametrize("forged", FORGED_REGISTRATIONS, ids=str)
async def test_a_registration_that_is_not_right_in_every_point_is_refused(
    ada: Person, device: SoftwareAuthenticator, forged: dict[str, Any]
) -> None:
    with pytest.raises(Invalid) as refused:
        await ada.with_passkey(device, **forged)
    assert refused.value.code == "passkey_refused"
    async with transaction(ada.engine) as session:
        assert not await has_factor(session, ada.owner.user_id)


FORGED_ANSWERS: list[dict[str, Any]] = [
    {"origin": "https://cardwright.test.evil.example"}, {"origin": "http://cardwright.test"},
    {"rp_id": "evil.example"}, {"challenge": "c29tZXRoaW5nIGVsc2U"}, {"flags": PRESENT},
    {"flags": GOOD & ~PRESENT}, {"type": "webauthn.create"}, {"cross_origin": True},
    {"signature": b"0"}, {"signature": bytes(70)}, {"user_handle": "c29tZWJvZHkgZWxzZQ"},
    {"user_handle": None}, {"flags": GOOD | BACKUP_ELIGIBLE},
]  # fmt: skip


@pytest.mark.parametrize("forged", FORGED_ANSWERS, ids=str)
async def test_an_answer_that_is_not_right_in_every_point_is_refused(
    ada: Person, device: SoftwareAuthenticator, forged: dict[str, Any]
) -> None:
    await ada.with_passkey(device)
    assert await ada.sign_in(device, **forged) is None
    assert await ada.sign_in(device) is not None


async def test_a_signature_over_something_else_is_refused(ada: Person, device: SoftwareAuthenticator) -> None:
    await ada.with_passkey(device)
    ceremony = await ada.signing_in()
    answer = device.use(ceremony.options)
    other = device.use((await ada.signing_in()).options)
    answer["response"]["signature"] = other["response"]["signature"]
    assert await ada.answer(ceremony, answer) is None
    assert await ada.sign_in(SoftwareAuthenticator(credential_id=device.credential_id)) is None


async def test_an_unknown_credential_is_refused(ada: Person) -> None:
    assert await ada.sign_in(SoftwareAuthenticator(user_handle="c29tZWJvZHk")) is None


async def test_somebody_elses_passkey_does_not_confirm_for_me(
    ada: Person, device: SoftwareAuthenticator
) -> None:
    await ada.with_passkey(device)
    eve = await somebody(ada.engine, ada.clock, "eve@example.com")
    ceremony = await eve.signing_in()
    answer = device.use(ceremony.options)
    assert await eve.answer(ceremony, answer, user_id=eve.owner.user_id) is None
    again = await ada.signing_in()
    own = device.use(again.options, user_handle=None)
    assert await ada.answer(again, own, user_id=ada.owner.user_id) is not None


async def test_a_challenge_is_good_once_for_its_purpose_in_its_session_for_a_while(ada: Person) -> None:
    registration, sign_in = CeremonyPurpose.REGISTRATION, CeremonyPurpose.SIGN_IN
    for purpose, session_id in ((sign_in, ada.session_id), (registration, "ses_other"), (registration, None)):
        ceremony = await ada.registering()
        assert await ada.challenge(ceremony.id, purpose, session_id) is None
        # It was used up by whoever tried.
        assert await ada.challenge(ceremony.id, registration, ada.session_id) is None
    ceremony = await ada.registering()
    found = await asyncio.gather(
        *(ada.challenge(ceremony.id, registration, ada.session_id) for _ in range(10))
    )
    assert sum(challenge is not None for challenge in found) == 1
    late = await ada.registering()
    ada.clock.advance(CHALLENGE_LIFETIME)
    assert await ada.challenge(late.id, registration, ada.session_id) is None


async def test_a_counter_that_goes_backwards_suspends_the_passkey_and_is_told(
    ada: Person, device: SoftwareAuthenticator
) -> None:
    added = await ada.with_passkey(device)
    assert await ada.sign_in(device, sign_count=7) is not None
    await drain(ada.engine)
    for sign_count in (7, 9):
        # The second would be good, but there may be a copy now.
        assert await ada.sign_in(device, sign_count=sign_count) is None
    assert (await ada.audited())[1:] == ["passkey.counter_rolled_back"]
    (event,) = await drain(ada.engine)
    assert event.type == "authentication.passkey_counter_rolled_back"
    assert (event.subject_id, event.payload) == (ada.owner.user_id, {"passkey_id": added.id})
    async with transaction(ada.engine) as session:
        # It still stands for a factor, or a copy would do away with the second one.
        assert await has_factor(session, ada.owner.user_id)
        assert await methods_of(session, ada.owner.user_id) == []


async def test_nobody_feigns_a_copy_without_the_key(ada: Person, device: SoftwareAuthenticator) -> None:
    await ada.with_passkey(device)
    assert await ada.sign_in(device, sign_count=7) is not None
    assert await ada.sign_in(device, sign_count=1, signature=bytes(70)) is None
    assert await ada.sign_in(device, sign_count=8) is not None


async def test_one_answer_counts_when_a_copy_answers_at_the_same_time(
    ada: Person, device: SoftwareAuthenticator
) -> None:
    await ada.with_passkey(device)
    ceremonies = [await ada.signing_in() for _ in range(5)]
    answers = [device.use(ceremony.options, sign_count=1) for ceremony in ceremonies]
    found = await asyncio.gather(
        *(ada.answer(ceremony, answer) for ceremony, answer in zip(ceremonies, answers, strict=True))
    )
    assert sum(passkey is not None for passkey in found) == 1


async def test_an_authenticator_that_does_not_count_may_stay_at_zero(
    ada: Person, device: SoftwareAuthenticator
) -> None:
    await ada.with_passkey(device, flags=GOOD | BACKUP_ELIGIBLE)
    for flags in (GOOD | BACKUP_ELIGIBLE, GOOD | BACKUP_ELIGIBLE | BACKED_UP):
        used = await ada.sign_in(device, sign_count=0, flags=flags)
        assert used is not None
    async with transaction(ada.engine) as session:
        (stored,) = await passkeys.list_passkeys(session, ada.owner.user_id)
    assert stored.is_backed_up


async def test_passkeys_are_named_and_removed_by_their_owner_only(ada: Person) -> None:
    first, second = [await ada.with_passkey(SoftwareAuthenticator()) for _ in range(2)]
    eve = await somebody(ada.engine, ada.clock, "eve@example.com")
    at = ada.clock.now()
    async with transaction(ada.engine) as session:
        for act in (
            passkeys.rename_passkey(session, eve.owner, first.id, "Mine", at),
            passkeys.remove_passkey(session, eve.owner, first.id, at),
        ):
            with pytest.raises(NotFound):
                await act
        assert (await passkeys.rename_passkey(session, ada.owner, first.id, "Laptop", at)).name == "Laptop"
        await passkeys.remove_passkey(session, ada.owner, second.id, at)
        assert [it.name for it in await passkeys.list_passkeys(session, ada.owner.user_id)] == ["Laptop"]
    assert await ada.audited() == ["passkey.added", "passkey.added", "passkey.renamed", "passkey.removed"]


async def test_nobody_has_more_passkeys_than_the_most(ada: Person) -> None:
    for _ in range(MAX_PASSKEYS):
        await ada.with_passkey(SoftwareAuthenticator())
    with pytest.raises(Conflict) as refused:
        await ada.with_passkey(SoftwareAuthenticator())
    assert refused.value.code == "passkeys_too_many"


@settings(max_examples=tries(150), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(garbage=st.binary(max_size=300))
def test_garbage_instead_of_an_attestation_is_refused_and_nothing_else(
    device: SoftwareAuthenticator, garbage: bytes
) -> None:
    challenge = bytes(32)
    options = PARTY.registration_options(handle=bytes(32), account="ada", challenge=challenge, known=())
    for member in ("attestationObject", "clientDataJSON"):
        credential = device.make(options)
        credential["response"][member] = bytes_to_base64url(garbage)
        with pytest.raises(Invalid):
            PARTY.read_registration(credential, challenge)
    answered = device.use(PARTY.assertion_options(challenge=challenge, known=()))
    answered["response"]["authenticatorData"] = bytes_to_base64url(garbage)
    assert PARTY.read_assertion(answered, challenge, garbage) is None
