"""Routes for staff: what people are told, in every language, with invented facts."""

from typing import Annotated, Final

from fastapi import Depends, Path, Query, Response
from pydantic import ConfigDict, Field, StringConstraints
from pydantic.config import JsonDict

from cardwright.access import Actor, allow
from cardwright.http import strict
from cardwright.http.deps import ClockDep, IdempotencyDep, SessionDep, provided
from cardwright.http.rate_limits import RateLimiter
from cardwright.http.strict import Input, Output
from cardwright.notifications import previewing
from cardwright.notifications.catalogue import CATALOGUE
from cardwright.notifications.composing import brand_of, speech_for
from cardwright.notifications.domain import Channel
from cardwright.notifications.speech import LANGUAGES, speech_of
from cardwright.programs import Program

router = strict.router("/v1/notification-templates", "notifications")
Reader = Annotated[Actor, Depends(allow("notification_templates.read"))]
Tester = Annotated[Actor, Depends(allow("notification_templates.test"))]
LimiterDep = Annotated[RateLimiter, Depends(provided(RateLimiter))]
ProgramDep = Annotated[Program, Depends(provided(Program))]
_TESTS: Final = "5/minute; 50/day"

EventType = Annotated[
    str,
    Path(
        pattern=r"^[a-z_]+\.[a-z_]+$",
        max_length=80,
        description="A type of event.",
        examples=["payments.authorization_declined"],
    ),
]
LanguageTag = Annotated[
    str,
    StringConstraints(strict=True, pattern="^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,4}$", max_length=35),
    Field(
        description="A BCP 47 tag; what we do not write is looked for without its last part, or is English.",
        examples=["de-AT"],
    ),
]
_EXAMPLE: Final[JsonDict] = {
    "event_type": "payments.authorization_declined",
    "channels": ["sms", "push"],
    "languages": [*LANGUAGES],
    "facts": ["payment_id", "amount", "currency", "card_id", "last4", "merchant_name"],
}


class TemplateAnswer(Output):
    """How one type of event is told; every type is also kept in the app."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    event_type: str
    channels: list[str]
    languages: list[str]
    facts: list[str] = Field(description="What of the event the message may tell.")


class TemplatesAnswer(Output):
    """Everything that people are told."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"data": [_EXAMPLE]}]})

    data: list[TemplateAnswer]


class PreviewAnswer(Output):
    """A message with invented facts."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "event_type": "payments.authorization_declined",
                    "channel": "sms",
                    "language": "en",
                    "subject": None,
                    "text": "Cardwright: \u20ac42.90 at Blue Bottle Coffee declined, card ending 4242.",
                    "html": None,
                    "segments": 1,
                }
            ]
        }
    )

    event_type: str
    channel: Channel
    language: str = Field(description="The language that was found for the one asked for.")
    subject: str | None = Field(description="The subject of an e-mail, the title of a push or in the app.")
    text: str
    html: str | None = Field(description="The same e-mail as a page.")
    segments: int | None = Field(description="What a text message is sent and paid as.")


class TryoutRequest(Input):
    """In which language to be shown a message."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"language": "de-AT"}]})

    language: LanguageTag


class TryoutAnswer(Output):
    """What is on its way."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"event_type": "payments.authorization_declined", "language": "de"}]}
    )

    event_type: str
    language: str


@router.get("")
async def list_notification_templates(_actor: Reader) -> TemplatesAnswer:
    """List every type of event that people are told about, with its channels and languages."""
    return TemplatesAnswer(
        data=[
            TemplateAnswer(
                event_type=entry.event_type,
                channels=list(entry.channels),
                languages=list(LANGUAGES),
                facts=[*entry.required, *entry.optional],
            )
            for entry in CATALOGUE.values()
        ]
    )


@router.get("/{event_type}/preview")
async def preview_notification_template(
    session: SessionDep,
    clock: ClockDep,
    actor: Reader,
    program: ProgramDep,
    event_type: EventType,
    channel: Annotated[Channel, Query(description="Where it would be told.")] = "email",
    language: Annotated[LanguageTag, Query()] = "en",
) -> PreviewAnswer:
    """Show a message as a channel would tell it, in the reader's time zone and with invented facts."""
    entry = previewing.find_entry(event_type)
    zone = (await speech_for(session, actor.user_id)).time_zone.key
    speech = speech_of(language, zone)
    shown = previewing.preview(entry, channel, speech=speech, brand=brand_of(program), at=clock.now())
    return PreviewAnswer(
        event_type=event_type,
        channel=channel,
        language=speech.language,
        subject=shown.subject,
        text=shown.text,
        html=shown.html,
        segments=shown.segments,
    )


@router.post("/{event_type}/test", response_model=TryoutAnswer, status_code=202)
async def send_test_notification(
    session: SessionDep,
    clock: ClockDep,
    actor: Tester,
    limiter: LimiterDep,
    call: IdempotencyDep,
    event_type: EventType,
    request: TryoutRequest,
) -> Response:
    """Send an e-mail with invented facts, marked as a test, to one's own confirmed address and no other."""
    await limiter.hit(_TESTS, "notification_tests", actor.user_id)
    entry = previewing.find_entry(event_type)
    language = speech_of(request.language, None).language

    async def effect() -> TryoutAnswer:
        await previewing.request_test(session, actor, entry, language=request.language, at=clock.now())
        return TryoutAnswer(event_type=event_type, language=language)

    return await call.once(actor.user_id, effect, status=202)
