"""What the notifications listen to."""

from cardwright.notifications import SUBSCRIPTIONS, EmailMessage, PushMessage, SmsMessage
from cardwright.notifications.catalogue import CATALOGUE


def test_every_event_of_the_catalogue_has_one_subscription_with_a_name_of_its_own() -> None:
    heard = [subscription.event_type for subscription in SUBSCRIPTIONS]
    ours = ["notifications.test_requested", "users.account_erased"]
    assert sorted(heard) == sorted([*CATALOGUE, *ours])
    assert len({subscription.name for subscription in SUBSCRIPTIONS}) == len(SUBSCRIPTIONS)


def test_messages_hide_addresses_and_texts_from_logs() -> None:
    from datetime import UTC, datetime

    at = datetime(2026, 11, 23, tzinfo=UTC)
    shown = [
        repr(EmailMessage("ntf_1", "ada@example.com", "secret", "secret", "secret", at)),
        repr(SmsMessage("ntf_1", "+491701234567", "secret")),
        repr(PushMessage("ntf_1", "a.b", "dev_1", "ios", "token-1", "secret", "secret")),
    ]
    assert all("ntf_1" in text for text in shown)
    assert not any(word in text for text in shown for word in ("ada@", "+49", "token-1", "secret"))
