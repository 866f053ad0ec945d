"""What in the books holds an account back from being closed."""

from collections.abc import Sequence

from cardwright.db.session import Session
from cardwright.ledger.queries import owned_accounts
from cardwright.users import Obstacle


async def find_obstacles(session: Session, *, program_id: str, user_id: str) -> Sequence[Obstacle]:
    """Return what has to happen to a person's money first."""
    accounts = await owned_accounts(session, program_id, user_id)
    wallets = [it for it in accounts if it.code == "wallet"]
    found = []
    if any(it.held for it in wallets):
        found.append(Obstacle("payments_open", "Wait until the payments that are under way have ended."))
    if any(it.posted_balance for it in wallets):
        found.append(Obstacle("money_left", "Spend or withdraw the money that is left."))
    if any(it.posted_balance for it in accounts if it.code == "receivable"):
        found.append(Obstacle("money_owed", "Pay back what is owed, by a top-up."))
    return found
