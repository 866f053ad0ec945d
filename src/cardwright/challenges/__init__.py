"""3-D Secure challenges: purchases that somebody is asked to confirm, and who may answer for a card."""

from typing import Final

from cardwright.challenges.approver_store import SEALED_COLUMNS
from cardwright.challenges.approvers import SUBSCRIPTIONS as _OF_APPROVERS
from cardwright.challenges.approvers import forget_stale_invitations
from cardwright.challenges.by_link import find_asked, refuse_by_link
from cardwright.challenges.convergence import SUBSCRIPTIONS as _OF_CHALLENGES
from cardwright.challenges.convergence import apply_notice, expire_challenges
from cardwright.challenges.domain import Challenge, ChallengeState, Merchant, Notice, ensure_open
from cardwright.challenges.ports import ChallengeServer, Outcome

SUBSCRIPTIONS: Final = (*_OF_CHALLENGES, *_OF_APPROVERS)

__all__ = [
    "SEALED_COLUMNS",
    "SUBSCRIPTIONS",
    "Challenge",
    "ChallengeServer",
    "ChallengeState",
    "Merchant",
    "Notice",
    "Outcome",
    "apply_notice",
    "ensure_open",
    "expire_challenges",
    "find_asked",
    "forget_stale_invitations",
    "refuse_by_link",
]
