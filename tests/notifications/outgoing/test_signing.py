"""Signatures that the library of Standard Webhooks accepts, and does not."""

import base64
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from notifications.outgoing.signing import headers, new_secret

BODY = '{"type":"session.moved","note":"é"}'


def test_the_specifications_own_example():
    """From the test vectors of the specification's libraries (standard-webhooks, `simulator`)."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    at = datetime.fromtimestamp(1614265330, UTC)

    sent = headers("msg_p5jXN8AQM9LWM0D4loKWxJek", '{"test": 2432232314}', secrets=[secret], now=at)

    assert sent == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_both_secrets_of_a_rotation_verify_and_no_other():
    old, new = new_secret(), new_secret()
    now = datetime.now(UTC)

    sent = headers("1", BODY, secrets=[new, old], now=now)

    for secret in (old, new):
        assert Webhook(secret).verify(BODY, sent) == {"type": "session.moved", "note": "é"}
    with pytest.raises(WebhookVerificationError, match="No matching signature"):
        Webhook(new_secret()).verify(BODY, sent)
    with pytest.raises(WebhookVerificationError, match="No matching signature"):
        Webhook(new).verify(BODY + " ", sent)


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Kathmandu"])
def test_the_zone_of_the_clock_does_not_matter(zone):
    secret = new_secret()

    sent = headers("1", BODY, secrets=[secret], now=datetime.now(ZoneInfo(zone)))

    Webhook(secret).verify(BODY, sent)


def test_a_worker_whose_clock_is_ninety_seconds_off_is_believed_and_one_of_six_minutes_is_not():
    secret, now = new_secret(), datetime.now(UTC)
    for seconds in (-90, 90):
        Webhook(secret).verify(
            BODY, headers("1", BODY, secrets=[secret], now=now + timedelta(seconds=seconds))
        )
    with pytest.raises(WebhookVerificationError, match="too old"):
        Webhook(secret).verify(BODY, headers("1", BODY, secrets=[secret], now=now - timedelta(minutes=6)))


def test_a_secret_has_32_bytes_and_is_never_the_same():
    first, second = new_secret(), new_secret()

    assert first != second
    assert len(base64.b64decode(first.removeprefix("whsec_"), validate=True)) == 32
