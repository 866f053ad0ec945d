"""What routes of every list read and answer: notes, history, versions."""

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, StringConstraints

from cardwright.core.card_numbers import ensure_no_card_number
from cardwright.http.strict import Id, Input, Output
from cardwright.worklists.domain import Activity, Note

Words = Annotated[
    str,
    StringConstraints(min_length=1, max_length=2000, strip_whitespace=True),
    AfterValidator(ensure_no_card_number),
]
Version = Annotated[
    int,
    Field(
        strict=True, ge=1, le=2**31 - 1, examples=[1],
        description="The `version` as you read it: what changed since then is not decided unseen.",
    ),
]  # fmt: skip


class NoteInput(Input):
    """Something to remember; it is kept as it is."""

    words: Words = Field(description="What you found.", examples=["The holder was abroad that week."])


class ActivityView(Output):
    """One thing that happened."""

    kind: str = Field(examples=["assigned"])
    actor_id: str
    details: dict[str, Any]
    at: datetime

    @classmethod
    def of(cls, activity: Activity) -> Self:
        """Show it."""
        return cls.model_validate(activity)


class NoteView(Output):
    """A note."""

    id: Id
    author_id: Id
    words: str
    written_at: datetime

    @classmethod
    def of(cls, note: Note) -> Self:
        """Show it."""
        return cls.model_validate(note)

    def without_words(self) -> Self:
        """Return it as the answer is kept for a retry: the words are kept sealed, elsewhere."""
        return self.model_copy(update={"words": ""})
