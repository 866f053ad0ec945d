"""What the app asks the server for, typed."""

from cardwright_mobile.api.account import AccountCalls
from cardwright_mobile.api.answers import AnswerCalls
from cardwright_mobile.api.cards import CardCalls
from cardwright_mobile.api.payments import PaymentCalls


class Client(AccountCalls, CardCalls, PaymentCalls, AnswerCalls):
    """The API for somebody who signed in."""
