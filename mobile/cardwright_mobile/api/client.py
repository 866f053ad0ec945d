"""What the app asks the server for, typed."""

from cardwright_mobile.api.answers import AnswerCalls
from cardwright_mobile.api.cards import CardCalls
from cardwright_mobile.api.money import MoneyCalls
from cardwright_mobile.api.payments import PaymentCalls
from cardwright_mobile.api.standing import StandingCalls


class Client(CardCalls, PaymentCalls, AnswerCalls, MoneyCalls, StandingCalls):
    """The API for somebody who signed in."""
