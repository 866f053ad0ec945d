"""Routes: what one chose to be told, and bringing one's address back."""

from collections.abc import Sequence
from datetime import datetime, time
from typing import Annotated, Final, Literal, Self

from fastapi import Depends
from pydantic import ConfigDict, Field, StringConstraints

from cardwright.access import Actor, allow
from cardwright.authentication import EmailCodes
from cardwright.core.errors import Invalid
from cardwright.http import strict
from cardwright.http.deps import ClockDep, SessionDep, provided
from cardwright.http.rate_limits import RateLimiter
from cardwright.http.strict import Input, Output
from cardwright.notifications import preferences
from cardwright.notifications.catalogue import Group
from cardwright.notifications.choices import GROUPS, MAX_CHOICES, Choice, Preferences, Setting, entries_of
from cardwright.notifications.composing import speech_for
from cardwright.notifications.domain import Channel
from cardwright.notifications.quiet import Cadence, DigestTimes, QuietHours
from cardwright.notifications.suppression_store import Reason, Suppression

router = strict.router("/v1/me", "notifications")
Reads = Annotated[Actor, Depends(allow("notifications.read"))]
Chooses = Annotated[Actor, Depends(allow("notification_preferences.write"))]
Codes = Annotated[EmailCodes, Depends(provided(EmailCodes))]
Limiter = Annotated[RateLimiter, Depends(provided(RateLimiter))]
_CONFIRMATIONS: Final = "3/hour"

Topic = Annotated[
    str,
    StringConstraints(strict=True, pattern=r"^[a-z_]+(\.[a-z_]+)?$", max_length=80),
    Field(description="A group, or a type of event.", examples=["payments"]),
]
ClockTime = Annotated[
    str,
    StringConstraints(strict=True, pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$"),
    Field(description="What the clock on the wall shows, from 00:00 to 23:59.", examples=["22:00"]),
]


class ChoiceInput(Input):
    """How one topic is told on one channel."""

    topic: Topic
    channel: Channel = Field(description="Where it is told.", examples=["email"])
    setting: Setting = Field(description="`digest` is for e-mail alone.", examples=["off"])


class QuietHoursModel(Input):
    """From when until when nothing is told that can wait, in one's own time zone."""

    start: ClockTime
    end: ClockTime


class DigestModel(Input):
    """When e-mails that were chosen for it are sent as one."""

    cadence: Cadence = Field(description="How often.", examples=["daily"])
    hour: Annotated[int, Field(strict=True, ge=0, le=23, description="The hour of one's day.", examples=[8])]
    weekday: Annotated[
        int, Field(strict=True, ge=0, le=6, description="Of a weekly digest; 0 is Monday.", examples=[0])
    ] = 0


class PreferencesInput(Input):
    """Everything one chooses; what is left out is as it was in the beginning."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "choices": [{"topic": "payments", "channel": "email", "setting": "digest"}],
                    "quiet_hours": {"start": "22:00", "end": "07:00"},
                    "digest": {"cadence": "daily", "hour": 8},
                }
            ]
        }
    )

    choices: list[ChoiceInput] = Field(
        max_length=MAX_CHOICES, description="Choices that differ from the defaults.", examples=[[]]
    )
    quiet_hours: QuietHoursModel | None = Field(
        default=None, description="Null for none.", examples=[{"start": "22:00", "end": "07:00"}]
    )
    digest: DigestModel | None = Field(
        default=None, description="Null for none.", examples=[{"cadence": "daily", "hour": 8}]
    )


class ChoiceOutput(Output):
    """How something is told on a channel, and whether that can be changed."""

    channel: Channel
    setting: Setting
    is_locked: bool = Field(description="It is about one's security and cannot be switched off.")


class TopicOutput(Output):
    """One type of event and its channels."""

    event_type: str
    channels: list[ChoiceOutput]


class GroupOutput(Output):
    """What belongs together among one's choices."""

    group: Group
    event_types: list[TopicOutput]


class ObstacleOutput(Output):
    """Why one's address on a channel gets nothing."""

    channel: Channel
    reason: Reason
    since: datetime


class PreferencesOutput(Output):
    """What one is told, and how."""

    groups: list[GroupOutput]
    choices: list[ChoiceInput] = Field(description="What was chosen, as it can be sent back.")
    quiet_hours: QuietHoursModel | None
    digest: DigestModel | None
    time_zone: str = Field(description="In which the hours are meant: the one of the profile.")
    obstacles: list[ObstacleOutput]

    @classmethod
    def of(cls, chosen: Preferences, obstacles: Sequence[Suppression], time_zone: str) -> Self:
        """Show everything there is to choose, with what was chosen."""
        quiet, digest = chosen.quiet_hours, chosen.digest
        return cls(
            groups=[_group(group, chosen) for group in GROUPS],
            choices=[
                ChoiceInput(topic=topic, channel=channel, setting=setting)
                for (topic, channel), setting in sorted(chosen.settings.items())
            ],
            quiet_hours=quiet and QuietHoursModel(start=f"{quiet.start:%H:%M}", end=f"{quiet.end:%H:%M}"),
            digest=digest and DigestModel(cadence=digest.cadence, hour=digest.hour, weekday=digest.weekday),
            time_zone=time_zone,
            obstacles=[
                ObstacleOutput(channel=it.channel, reason=it.reason, since=it.suppressed_at)
                for it in obstacles
            ],
        )


class ConfirmationOutput(Output):
    """That a link is on its way."""

    channel: Literal["email"]


@router.get("/notification-preferences")
async def get_notification_preferences(session: SessionDep, actor: Reads, codes: Codes) -> PreferencesOutput:
    """Show what one is told on which channel, and what stands in the way."""
    return await _shown(session, actor, codes)


@router.put("/notification-preferences")
async def put_notification_preferences(
    session: SessionDep, actor: Chooses, codes: Codes, clock: ClockDep, body: PreferencesInput
) -> PreferencesOutput:
    """Replace one's choices, quiet hours and digest."""
    await preferences.save_preferences(
        session,
        program_id=actor.program_id,
        user_id=actor.user_id,
        wanted=Preferences(quiet_hours=_quiet_hours(body.quiet_hours), digest=_digest(body.digest)),
        choices=[Choice(it.topic, it.channel, it.setting) for it in body.choices],
        at=clock.now(),
    )
    return await _shown(session, actor, codes)


@router.post("/address-confirmations", status_code=202)
async def ask_to_confirm_address(
    session: SessionDep, actor: Chooses, codes: Codes, clock: ClockDep, limiter: Limiter
) -> ConfirmationOutput:
    """Have a link sent to one's address that got nothing any more; opening it brings the address back."""
    await limiter.hit(_CONFIRMATIONS, "address", "confirmation", actor.user_id)
    await preferences.ask_to_confirm(
        session, codes, program_id=actor.program_id, user_id=actor.user_id, at=clock.now()
    )
    return ConfirmationOutput(channel="email")


async def _shown(session: SessionDep, actor: Actor, codes: EmailCodes) -> PreferencesOutput:
    return PreferencesOutput.of(
        await preferences.get_preferences(session, actor.user_id),
        await preferences.get_obstacles(session, codes, actor.user_id),
        str((await speech_for(session, actor.user_id)).time_zone),
    )


def _group(group: Group, chosen: Preferences) -> GroupOutput:
    return GroupOutput(
        group=group,
        event_types=[
            TopicOutput(
                event_type=entry.event_type,
                channels=[
                    ChoiceOutput(
                        channel=channel,
                        setting=chosen.setting_of(entry, channel),
                        is_locked=entry.is_fixed(channel),
                    )
                    for channel in entry.offered
                ],
            )
            for entry in entries_of(group)
        ],
    )


def _quiet_hours(given: QuietHoursModel | None) -> QuietHours | None:
    if given is None:
        return None
    if given.start == given.end:
        raise Invalid("quiet_hours_empty", "Quiet hours begin and end at different times.")
    return QuietHours(time.fromisoformat(given.start), time.fromisoformat(given.end))


def _digest(given: DigestModel | None) -> DigestTimes | None:
    return None if given is None else DigestTimes(given.cadence, given.hour, given.weekday)
