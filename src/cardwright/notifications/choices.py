"""What a person chose to be told and how: by group, by type of event, and by channel. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias, get_args

from cardwright.core.errors import Invalid
from cardwright.notifications.catalogue import CATALOGUE, Entry, Group
from cardwright.notifications.domain import Channel
from cardwright.notifications.quiet import DigestTimes, QuietHours

Setting: TypeAlias = Literal["on", "off", "digest"]
GROUPS: Final[tuple[Group, ...]] = tuple(group for group in get_args(Group) if group != "summaries")
"""The groups that people choose by, in the order they are shown."""
MAX_CHOICES: Final = 400


@dataclass(frozen=True, slots=True)
class Choice:
    """`topic` is a group or a type of event; "digest" is for e-mail alone."""

    topic: str
    channel: Channel
    setting: Setting


@dataclass(frozen=True, slots=True)
class Preferences:
    """A person's choices by topic and channel; what they did not choose is as the catalogue says."""

    settings: Mapping[tuple[str, Channel], Setting] = field(default_factory=dict)
    quiet_hours: QuietHours | None = None
    digest: DigestTimes | None = None

    def setting_of(self, entry: Entry, channel: Channel) -> Setting:
        """Return how an event is told on a channel: as its type was chosen, else its group, else by default.

        What is essential is always on where the catalogue has it, and in the list.
        """
        if entry.is_fixed(channel):
            return "on"
        if channel not in entry.offered:
            return "off"
        chosen = self.settings.get((entry.event_type, channel)) or self.settings.get((entry.group, channel))
        if chosen == "digest" and self.digest is None:
            return "on"
        return chosen or ("on" if channel in entry.channels or channel == "in_app" else "off")

    def channels_for(self, entry: Entry) -> Sequence[Channel]:
        """Return the channels on which an event is told, now or in a digest."""
        return [channel for channel in entry.offered if self.setting_of(entry, channel) != "off"]


NO_CHOICES: Final = Preferences()


def entries_of(group: Group) -> Sequence[Entry]:
    """Return what belongs to a group, in the catalogue's order."""
    return [entry for entry in CATALOGUE.values() if entry.group == group]


def ensure_choosable(choice: Choice, digest: DigestTimes | None) -> None:
    """Raise Invalid for a choice that cannot be kept.

    `topic_unknown`, `channel_unoffered`, `essential` for what cannot be switched off, and `digest_not_set`
    for a digest that goes out at no time or is not one of e-mails.
    """
    entries = _entries_named(choice.topic)
    offering = [entry for entry in entries if choice.channel in entry.offered]
    if not offering:
        raise Invalid("channel_unoffered", f"{choice.topic} is never told by {choice.channel}.")
    if choice.setting == "digest" and (choice.channel != "email" or digest is None):
        raise Invalid("digest_not_set", "A digest is an e-mail; say with `digest` when it is sent.")
    # A group is switched off with what of it may be; only what is essential as a whole refuses.
    if choice.setting != "on" and all(entry.is_fixed(choice.channel) for entry in offering):
        raise Invalid("essential", f"{choice.topic} is about your security and is always told.")


def with_choices(preferences: Preferences, choices: Sequence[Choice]) -> Preferences:
    """Return preferences with these choices alone; raises as `ensure_choosable`, and `choice_repeated`."""
    settings: dict[tuple[str, Channel], Setting] = {}
    for choice in choices:
        ensure_choosable(choice, preferences.digest)
        if (choice.topic, choice.channel) in settings:
            raise Invalid("choice_repeated", f"{choice.topic} by {choice.channel} is chosen twice.")
        settings[choice.topic, choice.channel] = choice.setting
    return Preferences(settings, preferences.quiet_hours, preferences.digest)


def _entries_named(topic: str) -> Sequence[Entry]:
    for group in GROUPS:
        if group == topic:
            return entries_of(group)
    entry = CATALOGUE.get(topic)
    if entry is None or entry.group == "summaries":
        raise Invalid("topic_unknown", f"{topic[:80]!r} is neither a group nor a type of event.")
    return [entry]
