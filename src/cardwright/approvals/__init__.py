"""Approvals: what one person proposes and another decides, held to it by the database."""

from cardwright.approvals.domain import Approval, ApprovalState
from cardwright.approvals.kinds import ApprovalKind, ApprovalKinds
from cardwright.approvals.schemas import ApprovalOutput, Reason
from cardwright.approvals.service import approve, expire_approvals, propose
from cardwright.approvals.store import find_approval

__all__ = [
    "Approval",
    "ApprovalKind",
    "ApprovalKinds",
    "ApprovalOutput",
    "ApprovalState",
    "Reason",
    "approve",
    "expire_approvals",
    "find_approval",
    "propose",
]
