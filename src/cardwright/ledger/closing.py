"""What in the books holds an account back from being closed."""

from collections.abc import Sequence

from cardwright.db.session import Session
from cardwright.ledger.queries import owned_accounts
from cardwright.users import Obstacle


async def find_obstacles(session: Session, *, program_id: str, user_id: str) -> Sequence[Obstacle]:
    """Return what has to happen to a person's money first."""
    accounts = {account.code: account for account in await owned_accounts(session, program_id, user_id)}
    wallet, receivable = accounts.get("wallet"), accounts.get("receivable")
    found = []
    if wallet is not None and wallet.held:
        found.append(Obstacle("payments_open", "Wait until the payments that are under way have ended."))
    if wallet is not None and wallet.posted_balance:
        found.append(Obstacle("money_left", "Spend or withdraw the money that is left."))
    if receivable is not None and receivable.posted_balance:
        found.append(Obstacle("money_owed", "Pay back what is owed, by a top-up."))
    return found
