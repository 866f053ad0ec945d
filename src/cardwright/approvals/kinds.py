"""What can be proposed: each slice describes its kinds, and wiring collects them."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from cardwright.access import Permission
from cardwright.approvals.domain import Approval
from cardwright.db.session import Session

Effect = Callable[[Session, Approval, datetime], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class ApprovalKind:
    """A kind of proposal: who may make it, who may decide it, and what happens when it is approved.

    The effect runs in the transaction of the approval. When it no longer applies it raises Conflict: nothing
    is kept, and the proposal stays open until somebody rejects it, takes it back or its time is over.
    """

    name: str
    propose: Permission
    decide: Permission
    effect: Effect
    open_for: timedelta = timedelta(days=3)


class ApprovalKinds(dict[str, ApprovalKind]):
    """Every kind that the deployment knows, by name; two kinds of one name are a ValueError at the start."""

    def __init__(self, kinds: Iterable[ApprovalKind]) -> None:
        known = list(kinds)
        super().__init__({kind.name: kind for kind in known})
        if len(self) != len(known):
            raise ValueError("two kinds of approvals have one name")
