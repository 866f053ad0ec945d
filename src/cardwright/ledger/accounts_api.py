"""The accounts of the ledger over HTTP: for finance, with what is posted, held and available."""

from typing import Annotated, Self

from fastapi import Depends, Query
from pydantic import Field

from cardwright import audit
from cardwright.access import Actor, Reach, allow
from cardwright.http import strict
from cardwright.http.deps import ClockDep, SessionDep
from cardwright.http.pagination import Cursor, Limit, Page, page
from cardwright.http.strict import CurrencyCode, Id, Output, SignedAmount
from cardwright.ledger import queries, statements
from cardwright.ledger.domain import CHART, Account, AccountFilter, Side

router = strict.router("/v1/ledger/accounts", "ledger")
Finance = Annotated[Actor, Depends(allow("ledger.read", reach=Reach.ANY))]


class AccountView(Output):
    """A ledger account; its balances are in minor units, on its normal side."""

    id: Id
    code: str = Field(examples=["wallet"])
    owner_id: Id = Field(description="A cardholder, or the program for what it owns itself.")
    currency: CurrencyCode
    normal_side: Side
    posted_balance: SignedAmount
    held: SignedAmount = Field(description="Set aside for authorized payments.")
    available_balance: SignedAmount = Field(description="Posted minus held.")
    floor: int | None = Field(description="The least that may be available; null for no floor.")

    @classmethod
    def of(cls, account: Account) -> Self:
        """Show an account."""
        known = CHART[account.code]
        return cls(
            id=account.id, code=account.code, owner_id=account.owner_id, currency=account.currency,
            normal_side=known.normal_side, posted_balance=account.posted_balance, held=account.held,
            available_balance=account.available_balance, floor=known.floor,
        )  # fmt: skip


def _account_filter(
    code: Annotated[
        str | None, Query(max_length=40, description="Only accounts of this code.", examples=["wallet"])
    ] = None,
    owner_id: Annotated[Id | None, Query(description="Only what this cardholder or program owns.")] = None,
    currency: Annotated[CurrencyCode | None, Query(description="Only in this currency.")] = None,
) -> AccountFilter:
    return AccountFilter(code, owner_id, currency)


@router.get("")
async def list_accounts(
    session: SessionDep,
    clock: ClockDep,
    actor: Finance,
    wanted: Annotated[AccountFilter, Depends(_account_filter)],
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Page[AccountView]:
    """Ledger accounts with their balances, newest first."""
    await audit.record_look(
        session, actor, "ledger_accounts.read", actor.program_id, clock.now(), of=wanted.owner_id,
        cursor=cursor,
    )  # fmt: skip
    found = await queries.list_accounts(session, actor.program_id, wanted, before=cursor, limit=limit + 1)
    return page(found, limit, show=AccountView.of, cursor_of=lambda account: account.id)


@router.get("/{account_id}")
async def get_account(account_id: Id, session: SessionDep, clock: ClockDep, actor: Finance) -> AccountView:
    """One ledger account with its balances."""
    account = await statements.get_account(session, actor.program_id, account_id)
    await audit.record_look(
        session, actor, "ledger_accounts.read", actor.program_id, clock.now(), account_id=account_id
    )
    return AccountView.of(account)
