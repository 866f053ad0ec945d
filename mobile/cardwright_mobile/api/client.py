"""What the app asks the server for, typed."""

from cardwright_mobile.api.account import AccountCalls
from cardwright_mobile.api.answers import AnswerCalls
from cardwright_mobile.api.cards import CardCalls
from cardwright_mobile.api.money import MoneyCalls
from cardwright_mobile.api.payments import PaymentCalls
from cardwright_mobile.api.person import PersonCalls


class Client(AccountCalls, CardCalls, PaymentCalls, AnswerCalls, MoneyCalls, PersonCalls):
    """The API for somebody who signed in."""
