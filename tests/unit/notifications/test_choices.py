"""What a person chose decides what they are told, and nothing about their security can be switched off."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardwright.core.errors import Invalid
from cardwright.notifications.catalogue import CATALOGUE, Entry
from cardwright.notifications.choices import (
    GROUPS,
    NO_CHOICES,
    Choice,
    Preferences,
    Setting,
    entries_of,
    with_choices,
)
from cardwright.notifications.domain import Channel
from cardwright.notifications.quiet import DigestTimes

DAILY = DigestTimes("daily")
ESSENTIAL = [entry for entry in CATALOGUE.values() if entry.is_essential]
topics = st.sampled_from([*GROUPS, *(name for name, it in CATALOGUE.items() if it.group != "summaries")])
channels = st.sampled_from(get_args(Channel))
drawn = st.dictionaries(st.tuples(topics, channels), st.sampled_from(get_args(Setting)))


def refused(choice: Choice, digest: DigestTimes | None = None) -> str:
    with pytest.raises(Invalid) as caught:
        with_choices(Preferences(digest=digest), [choice])
    return caught.value.code


@given(settings=drawn)
def test_whatever_is_stored_security_reaches_its_channels_and_the_list(
    settings: dict[tuple[str, Channel], Setting],
) -> None:
    for entry in ESSENTIAL:
        told = Preferences(settings, digest=DAILY).channels_for(entry)
        assert {*entry.channels, "in_app"} <= set(told), entry.event_type
        assert all(Preferences(settings, digest=DAILY).setting_of(entry, it) == "on" for it in entry.channels)


def test_without_choices_everything_is_told_as_the_catalogue_says() -> None:
    for entry in CATALOGUE.values():
        assert NO_CHOICES.channels_for(entry) == [*entry.channels, "in_app"]


def test_every_entry_is_in_a_group_and_every_group_has_entries_but_the_developers() -> None:
    in_groups = [entry.event_type for group in GROUPS for entry in entries_of(group)]
    assert set(CATALOGUE) - set(in_groups) == {"notifications.bundled"}
    assert {group for group in GROUPS if not entries_of(group)} <= {"developer"}


@pytest.mark.parametrize(
    "event_type",
    [
        "authentication.password_changed", "users.phone_verified", "cards.number_revealed",
        "cases.question_asked", "challenges.challenge_requested", "kyc.approved", "kyc.rejected",
    ],
)  # fmt: skip
def test_matters_of_security_cannot_be_switched_off(event_type: str) -> None:
    entry: Entry = CATALOGUE[event_type]
    for channel in (*entry.channels, "in_app"):
        assert refused(Choice(event_type, channel, "off")) == "essential"
        if channel == "email":
            assert refused(Choice(event_type, channel, "digest"), DAILY) == "essential"


def test_a_group_of_security_cannot_be_switched_off_and_a_mixed_one_in_part() -> None:
    assert refused(Choice("security", "email", "off")) == "essential"
    chosen = with_choices(NO_CHOICES, [Choice("identity", "email", "off")])
    assert chosen.setting_of(CATALOGUE["kyc.approved"], "email") == "on"
    assert chosen.setting_of(CATALOGUE["kyc.in_review"], "email") == "off"


def test_a_type_of_event_outweighs_its_group() -> None:
    chosen = with_choices(
        NO_CHOICES,
        [Choice("payments", "push", "off"), Choice("payments.authorization_declined", "push", "on")],
    )
    assert chosen.setting_of(CATALOGUE["payments.authorization_approved"], "push") == "off"
    assert chosen.setting_of(CATALOGUE["payments.authorization_declined"], "push") == "on"


def test_push_can_be_switched_on_where_it_is_not_the_default() -> None:
    entry = CATALOGUE["funding.top_up_succeeded"]
    assert NO_CHOICES.setting_of(entry, "push") == "off"
    assert with_choices(NO_CHOICES, [Choice("money", "push", "on")]).setting_of(entry, "push") == "on"


@pytest.mark.parametrize(
    ("choice", "digest", "code"),
    [
        (Choice("weather", "email", "off"), None, "topic_unknown"),
        (Choice("summaries", "email", "off"), None, "topic_unknown"),
        (Choice("notifications.bundled", "email", "off"), None, "topic_unknown"),
        (Choice("funding.top_up_succeeded", "sms", "on"), None, "channel_unoffered"),
        (Choice("money", "email", "digest"), None, "digest_not_set"),
        (Choice("cards", "push", "digest"), DAILY, "digest_not_set"),
    ],
)
def test_a_choice_that_cannot_be_kept_is_refused(
    choice: Choice, digest: DigestTimes | None, code: str
) -> None:
    assert refused(choice, digest) == code


def test_a_choice_that_is_made_twice_is_refused() -> None:
    twice = [Choice("money", "email", "off"), Choice("money", "email", "on")]
    with pytest.raises(Invalid) as caught:
        with_choices(NO_CHOICES, twice)
    assert caught.value.code == "choice_repeated"
