"""What waits for somebody's word: purchases that a shop asks about, and payments that we ask about."""

import asyncio
from dataclasses import dataclass
from datetime import datetime

import flet as ft

from cardwright_mobile.api.answer_models import ChallengeOutput, QuestionView
from cardwright_mobile.api.client import Client
from cardwright_mobile.state.reading import Reading


@ft.observable
@dataclass
class Answers(Reading):
    """Challenges and questions, with those that were answered."""

    challenges: tuple[ChallengeOutput, ...] = ()
    questions: tuple[QuestionView, ...] = ()

    async def read(self, client: Client) -> None:
        """Read both anew; what was known stays where that fails."""
        found = await self.attempt(asyncio.gather(client.challenges(), client.questions()))
        if found is None:
            return
        # Nothing is drawn anew while nothing changes.
        if found != (self.challenges, self.questions):
            self.challenges, self.questions = found
        self.is_ready = True

    def waiting(self, now: datetime) -> tuple[ChallengeOutput | QuestionView, ...]:
        """Return what can be answered, what ends first before all else."""
        open_ones = sorted((it for it in self.challenges if is_open(it, now)), key=lambda it: it.expires_at)
        return (*open_ones, *(it for it in self.questions if it.can_answer))


def is_open(challenge: ChallengeOutput, now: datetime) -> bool:
    """Answer whether a purchase can be answered at this moment."""
    return challenge.state == "pending" and challenge.decision is None and challenge.expires_at > now
