"""The decision: facts in, verdict with its reasons out. Pure, so that any past decision can be recomputed."""

from cardwright.payments.decision.deciding import decide
from cardwright.payments.decision.facts import (
    ControlFact,
    DeclineCause,
    ExceptionFact,
    Facts,
    LimitFact,
    NetworkAnswer,
    TermsFact,
    instant_text,
)
from cardwright.payments.decision.ruling import CHALLENGE_CHECK
from cardwright.payments.decision.verdict import (
    RESPONSE_CODES,
    RULES_CHECK,
    Check,
    Outcome,
    ShadowHit,
    Verdict,
)

__all__ = [
    "CHALLENGE_CHECK",
    "RESPONSE_CODES",
    "RULES_CHECK",
    "Check",
    "ControlFact",
    "DeclineCause",
    "ExceptionFact",
    "Facts",
    "LimitFact",
    "NetworkAnswer",
    "Outcome",
    "ShadowHit",
    "TermsFact",
    "Verdict",
    "decide",
    "instant_text",
]
