"""Fraud cases: flagged and reported payments, judged by staff and their holders; labels for backtests."""

from typing import Final

from cardwright.cases.by_link import answer_by_link, find_question, question_of_payment
from cardwright.cases.domain import Answer, AnsweredBy
from cardwright.cases.labels import Label, LabelSource, label_disputed, labels
from cardwright.cases.opening import mark_overdue_cases, open_flagged
from cardwright.cases.reply_codes import digest_number, digest_try
from cardwright.cases.reply_words import read_reply
from cardwright.cases.replying import TextReply, forget_numbers, hear_reply, take_replies
from cardwright.cases.replying import forget_person as _forget_person
from cardwright.cases.store import SEALED_COLUMNS
from cardwright.db.jobs import Subscription
from cardwright.payments import FLAGGED as _FLAGGED
from cardwright.users import ERASED as _ERASED

SUBSCRIPTIONS: Final = (
    Subscription("cases.open_flagged", _FLAGGED, open_flagged),
    Subscription("cases.label_disputed", "disputes.dispute_submitted", label_disputed),
    Subscription("cases.label_won", "disputes.dispute_won", label_disputed),
    Subscription("cases.forget_person", _ERASED, _forget_person),
)

__all__ = [
    "SEALED_COLUMNS",
    "SUBSCRIPTIONS",
    "Answer",
    "AnsweredBy",
    "Label",
    "LabelSource",
    "TextReply",
    "answer_by_link",
    "digest_number",
    "digest_try",
    "find_question",
    "forget_numbers",
    "hear_reply",
    "labels",
    "mark_overdue_cases",
    "question_of_payment",
    "read_reply",
    "take_replies",
]
