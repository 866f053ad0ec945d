"""Routes: prove a phone number, close one's account, unlock somebody's."""

from typing import Annotated

from fastapi import Depends

from cardwright.access import Actor, Reach, allow
from cardwright.authentication import (
    AuthLimits,
    EmailCodes,
    ensure_factor_if_any,
    ensure_password,
    get_credentials,
    unlock_account,
)
from cardwright.core.errors import Invalid
from cardwright.http import strict
from cardwright.http.deps import ClockDep, SessionDep, TransactionsDep, provided
from cardwright.http.rate_limits import RateLimiter
from cardwright.http.strict import Id
from cardwright.users import closing, phones
from cardwright.users.closing import Holdbacks
from cardwright.users.schemas import ClosingInput, PhoneCodeInput, PhoneInput, PhoneVerificationOutput
from cardwright.users.sms_budgets import SmsGateDep

router = strict.router("", "users")

WritesProfile = Annotated[Actor, Depends(allow("profile.write"))]
WritesAccount = Annotated[Actor, Depends(allow("account.write"))]
Unlocks = Annotated[Actor, Depends(allow("users.unlock", reach=Reach.ANY))]
LimiterDep = Annotated[RateLimiter, Depends(provided(RateLimiter))]
LimitsDep = Annotated[AuthLimits, Depends(provided(AuthLimits))]


@router.post("/v1/me/phone-verifications", status_code=202)
async def request_phone_verification(
    body: PhoneInput, actor: WritesProfile, gate: SmsGateDep, session: SessionDep, clock: ClockDep
) -> PhoneVerificationOutput:
    """Have a code sent to a phone number by text message, to make the number yours."""
    await ensure_factor_if_any(session, actor, clock.now())
    phone = await gate.admit(actor.user_id, body.phone)
    verification = await phones.request_verification(
        session, program_id=actor.program_id, user_id=actor.user_id, phone=phone, at=clock.now()
    )
    return PhoneVerificationOutput(phone_verification_id=verification.id)


@router.post("/v1/me/phone-verifications/{phone_verification_id}/confirm", status_code=204)
async def confirm_phone_verification(
    phone_verification_id: Id,
    body: PhoneCodeInput,
    actor: WritesProfile,
    codes: Annotated[EmailCodes, Depends(provided(EmailCodes))],
    gate: SmsGateDep,
    begin: TransactionsDep,
    clock: ClockDep,
) -> None:
    """Prove a number with its code, good for ten minutes and five tries; messages go there from now on."""
    await gate.admit_try(actor.user_id)
    async with begin() as session:
        is_proven = await phones.confirm_verification(
            session,
            codes,
            user_id=actor.user_id,
            verification_id=phone_verification_id,
            code=body.code,
            at=clock.now(),
        )
    if not is_proven:
        raise Invalid("code_invalid", "The code is wrong, used or expired. Ask for another one.")


@router.post("/v1/me/close", status_code=204)
async def close_my_account(
    body: ClosingInput,
    actor: WritesAccount,
    holdbacks: Annotated[Holdbacks, Depends(provided(Holdbacks))],
    limiter: LimiterDep,
    limits: LimitsDep,
    begin: TransactionsDep,
    clock: ClockDep,
) -> None:
    """Close your account for good; refused with what is left to do while there is money or an open card.

    All sessions end at once. What you told about yourself is erased soon after; the books stay.
    """
    await limiter.hit(limits.change_password.per_address, "users", "close", actor.user_id)
    async with begin() as session:
        await ensure_factor_if_any(session, actor, clock.now())
        credentials = await get_credentials(session, actor.user_id)
    await ensure_password(credentials, body.password)
    async with begin() as session:
        await closing.close_account(
            session, holdbacks, program_id=actor.program_id, user_id=actor.user_id, at=clock.now()
        )


@router.post("/v1/users/{user_id}/unlock", status_code=204)
async def unlock_user(user_id: Id, actor: Unlocks, session: SessionDep, clock: ClockDep) -> None:
    """Let staff sign in again before their lock ends; nobody unlocks their own account."""
    await unlock_account(session, actor.program_id, user_id, by=actor.user_id, at=clock.now())
