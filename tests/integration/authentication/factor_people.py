"""Somebody with an account, and what happens to their factors through the services."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyotp
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright.authentication import RelyingParty
from cardwright.authentication.factors import passkeys, totp
from cardwright.authentication.factors.domain import CeremonyPurpose, Owner, Passkey
from cardwright.core.clock import MovableClock
from cardwright.core.ids import new_id
from cardwright.db.session import transaction
from cardwright.programs import ensure_program
from proven_people import a_proven_identity
from software_authenticator import SoftwareAuthenticator

PARTY = RelyingParty.of("https://cardwright.test", "Demo Program")


@dataclass
class Person:
    """An account and the one session that it is used in."""

    engine: AsyncEngine
    clock: MovableClock
    owner: Owner
    session_id: str

    async def registering(self) -> passkeys.Ceremony:
        async with transaction(self.engine) as session:
            return await passkeys.begin_registration(
                session, PARTY, self.owner,
                account="ada@example.com", session_id=self.session_id, at=self.clock.now(),
            )  # fmt: skip

    async def add(self, ceremony: passkeys.Ceremony, credential: Mapping[str, Any]) -> Passkey:
        challenge = await self.challenge(ceremony.id, CeremonyPurpose.REGISTRATION, self.session_id)
        assert challenge is not None
        async with transaction(self.engine) as session:
            return await passkeys.add_passkey(
                session, PARTY, self.owner,
                credential=credential, challenge=challenge, name="Phone", at=self.clock.now(),
            )  # fmt: skip

    async def with_passkey(self, device: SoftwareAuthenticator, **forged: Any) -> Passkey:
        ceremony = await self.registering()
        return await self.add(ceremony, device.make(ceremony.options, **forged))

    async def challenge(
        self, ceremony_id: str, purpose: CeremonyPurpose, session_id: str | None
    ) -> bytes | None:
        async with transaction(self.engine) as session:
            return await passkeys.take_challenge(
                session, ceremony_id, purpose,
                program_id=self.owner.program_id, session_id=session_id, at=self.clock.now(),
            )  # fmt: skip

    async def signing_in(self) -> passkeys.Ceremony:
        async with transaction(self.engine) as session:
            return await passkeys.begin_sign_in(
                session, PARTY, program_id=self.owner.program_id, at=self.clock.now()
            )

    async def answer(
        self, ceremony: passkeys.Ceremony, credential: Mapping[str, Any], *, user_id: str | None = None
    ) -> Passkey | None:
        challenge = await self.challenge(ceremony.id, CeremonyPurpose.SIGN_IN, None)
        assert challenge is not None
        async with transaction(self.engine) as session:
            return await passkeys.check_passkey(
                session, PARTY, credential=credential, challenge=challenge,
                program_id=self.owner.program_id, user_id=user_id, at=self.clock.now(),
            )  # fmt: skip

    async def sign_in(self, device: SoftwareAuthenticator, **forged: Any) -> Passkey | None:
        ceremony = await self.signing_in()
        return await self.answer(ceremony, device.use(ceremony.options, **forged))

    async def begin_app(self) -> pyotp.TOTP:
        async with transaction(self.engine) as session:
            new = await totp.begin_totp(
                session, self.owner, account="ada@example.com", issuer="Demo Program", at=self.clock.now()
            )
        return pyotp.TOTP(new.secret.reveal())

    async def with_app(self) -> pyotp.TOTP:
        app = await self.begin_app()
        async with transaction(self.engine) as session:
            assert await totp.confirm_totp(session, self.owner, app.at(self.clock.now()), self.clock.now())
        return app

    async def show(self, code: str) -> bool:
        async with transaction(self.engine) as session:
            return await totp.check_totp(session, self.owner.user_id, code, self.clock.now())

    async def audited(self) -> Sequence[str]:
        async with transaction(self.engine) as session:
            rows = await session.execute(
                text("SELECT action FROM audit_entries WHERE actor_id = :id ORDER BY id"),
                {"id": self.owner.user_id},
            )
            return [row.action for row in rows]


async def somebody(engine: AsyncEngine, clock: MovableClock, email: str = "ada@example.com") -> Person:
    async with transaction(engine) as session:
        program = await ensure_program(session, slug="demo", name="Demo Program", currency="USD")
        user_id = await a_proven_identity(session, email, program.id, clock.now())
    return Person(engine, clock, Owner(user_id, program.id), new_id("ses"))
