"""What the routes of screening read and answer."""

from datetime import date, datetime
from typing import Annotated, Final, Self

from pydantic import Field

from cardwright.approvals import Reason
from cardwright.http.strict import Input, Output
from cardwright.kyc.screening.births import Agreement
from cardwright.kyc.screening.deciding import HitFile
from cardwright.kyc.screening.domain import SECOND_LOOK, Hit, HitState, Occasion, Outcome, ScreeningList
from cardwright.kyc.screening.hit_store import Decision
from cardwright.kyc.screening.names import read_name
from cardwright.kyc.screening.run_store import Screening

_HASH: Final = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


class DecideHit(Input):
    """What somebody decides about a hit, and why."""

    reason: Reason
    version: Annotated[
        int,
        Field(
            strict=True, ge=1, le=2**31 - 1, examples=[1],
            description="The hit's `version` as you read it: what changed since then is not decided unseen.",
        ),
    ]  # fmt: skip


class HitSummary(Output):
    """A hit in the queue, without the person's name."""

    id: str
    user_id: str = Field(description="The person of the program.")
    list: str = Field(description="The list.")
    reference: str = Field(description="The entry's id in the list.")
    listed_name: str = Field(description="The listed name that is most like the person's.")
    score: int = Field(description="How alike both are, of 100: names and dates of birth.")
    state: HitState
    version: int
    found_at: datetime
    changed_at: datetime

    @classmethod
    def of(cls, hit: Hit) -> Self:
        """Show a hit in a list."""
        return cls(
            id=hit.id, user_id=hit.user_id, list=hit.list_name, reference=hit.reference,
            listed_name=hit.listed_name, score=hit.score, state=hit.state, version=hit.version,
            found_at=hit.found_at, changed_at=hit.changed_at,
        )  # fmt: skip


class PersonSide(Output):
    """The person of the program."""

    name: str | None = Field(description="As they gave it; null once it is forgotten.")
    compared_as: str | None = Field(description="The same in Latin letters, as it was compared.")
    date_of_birth: date | None


class ListedSide(Output):
    """Who is listed."""

    name: str = Field(description="The name that is most like the person's, as published.")
    compared_as: str = Field(description="The same in Latin letters, as it was compared.")
    all_names: list[str] = Field(description="All of their names, the chief one first.")
    dates_of_birth: list[str] = Field(description="As far as they are known: 1960, 1960-05 or 1960-05-17.")
    countries: list[str]
    programs: str = Field(description="What the list says they are listed for.")


class DecisionView(Output):
    """What was decided, and why."""

    before: HitState
    after: HitState
    score: int
    reason: str
    decided_by: str
    decided_at: datetime

    @classmethod
    def of(cls, decision: Decision) -> Self:
        """Show a decision."""
        return cls(
            before=HitState(decision.before), after=HitState(decision.after), score=decision.score,
            reason=decision.reason, decided_by=decision.decided_by, decided_at=decision.decided_at,
        )  # fmt: skip


class HitView(HitSummary):
    """A hit with both sides beside each other."""

    name_score: int = Field(description="How alike the names alone are, of 100.")
    dates_of_birth_agree: Agreement = Field(description="What the dates of birth say about each other.")
    needs_administrator: bool = Field(description="Whether an administrator alone may dismiss it.")
    person: PersonSide
    listed: ListedSide
    decisions: list[DecisionView]

    @classmethod
    def of_file(cls, file: HitFile) -> Self:
        """Show a hit with all there is to judge it by."""
        hit, person = file.hit, file.person
        return cls(
            **HitSummary.of(hit).model_dump(),
            name_score=hit.name_score,
            dates_of_birth_agree=hit.agreement,
            needs_administrator=hit.score >= SECOND_LOOK,
            person=PersonSide(
                name=None if person is None else person.full_name,
                compared_as=None if person is None else read_name(person.full_name).text,
                date_of_birth=None if person is None else person.born,
            ),
            listed=ListedSide(
                name=hit.listed_name, compared_as=read_name(hit.listed_name).text,
                all_names=list(hit.listed_names), dates_of_birth=[str(it) for it in hit.births],
                countries=list(hit.countries), programs=hit.programs,
            ),
            decisions=[DecisionView.of(it) for it in file.decisions],
        )  # fmt: skip

    def without_words(self) -> Self:
        """Return what of an answer may be kept in clear: neither the person nor anybody's reasons."""
        nobody = PersonSide(name=None, compared_as=None, date_of_birth=None)
        return self.model_copy(update={"person": nobody, "decisions": []})


class ScreeningView(Output):
    """A person held against the lists: so many times in a row with the same outcome."""

    id: str
    user_id: str
    outcome: Outcome
    hits: int = Field(description="How many hits stood open or confirmed after it.")
    threshold: int = Field(description="From which score on, of 100, somebody listed was a hit.")
    lists_version: str = Field(description="Another one when any list in use was another.", examples=[_HASH])
    occasion: Occasion = Field(description="Why, the first time.")
    first_at: datetime
    last_at: datetime
    times: int

    @classmethod
    def of(cls, screening: Screening) -> Self:
        """Show a screening."""
        return cls(
            id=screening.id, user_id=screening.user_id, outcome=screening.outcome, hits=screening.hits,
            threshold=screening.threshold, lists_version=screening.lists_version, occasion=screening.occasion,
            first_at=screening.first_at, last_at=screening.last_at, times=screening.times,
        )  # fmt: skip


class ListView(Output):
    """An imported list."""

    id: str
    name: str
    shape: str = Field(description="ofac or opensanctions: whose columns the file had.")
    version: str = Field(description="The SHA-256 of the file.", examples=[_HASH])
    entries: int = Field(description="How many persons it names.")
    skipped: int = Field(description="How many rows were about no person.")
    unread_births: int = Field(description="How many dates of birth in remarks nobody could read.")
    imported_by: str
    imported_at: datetime
    is_active: bool = Field(description="Whether people are screened by it.")

    @classmethod
    def of(cls, imported: ScreeningList) -> Self:
        """Show a list."""
        return cls(
            id=imported.id, name=imported.name, shape=imported.shape, version=imported.version,
            entries=imported.entries, skipped=imported.skipped, unread_births=imported.unread_births,
            imported_by=imported.imported_by, imported_at=imported.imported_at, is_active=imported.is_active,
        )  # fmt: skip
