"""The carrier's door: only what it has signed, for our public address, comes in."""

from urllib.parse import urlencode

import pytest
from django.http import QueryDict
from django.test import Client

from config.carrier_calls import SIGNATURE, signature
from notifications.models import InboundText
from notifications.webhooks_in import genuine

PUBLIC = "https://cadence.example"
TOKEN = "12345"
INBOUND, STATUS = "/webhooks/twilio/inbound/", "/webhooks/twilio/status/"

# Twilio's own vectors (source: twilio/twilio-python @ 306691e, tests/unit/test_request_validator.py, MIT).
URI = "https://mycompany.com/myapp.php?foo=1&bar=2"
CALL = {
    "CallSid": "CA1234567890ABCDE",
    "Caller": "+14158675309",
    "Digits": "1234",
    "From": "+14158675309",
    "To": "+18005551212",
}
BODY = '{"property": "value", "boolean": true}'
BODY_SHA256 = "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"
VECTORS = [
    (URI, CALL, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
    (URI.replace(".com", ".com:1234"), CALL, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),  # the port is stripped
    (URI.replace("https://mycompany.com", "http://mycompany.com:1234"), CALL, "Zmvh+3yNM1Phv2jhDCwEM3q5ebU="),
    (URI, CALL, "kvajT1Ptam85bY51eRf/AJRuM3w="),  # signed with port 443
    (URI.replace("https", "http"), CALL, "0ZXoZLH/DfblKGATFgpif+LLRf4="),  # signed with port 80
    (
        URI,
        QueryDict("Sid=CA123&SidAccount=AC123&Digits=5678&Digits=1234&Digits=1234"),
        "IK+Dwps556ElfBT0I3Rgjkr1wJU=",
    ),
    (f"{URI}&bodySHA256={BODY_SHA256}", BODY, "a9nBmqA0ju/hNViExpshrM61xv4="),
]


@pytest.mark.parametrize(("url", "form", "signed"), VECTORS)
def test_twilios_own_signatures_are_genuine(url, form, signed):
    assert genuine(url, form, signed, token=TOKEN)


@pytest.mark.parametrize(("url", "form", "signed"), VECTORS)
def test_with_another_token_address_or_signature_they_are_not(url, form, signed):
    assert not genuine(url, form, signed, token="12346")
    assert not genuine(url.replace("foo=1", "foo=2"), form, signed, token=TOKEN)
    assert not genuine(url, form, signed.swapcase(), token=TOKEN)
    assert not genuine(url, form, "", token=TOKEN)


def test_the_local_carrier_signs_as_twilio_does():
    assert signature(URI, CALL, token=TOKEN) == "RSOYDt4T1cUTdK1PDd93/VVr8B8="


@pytest.fixture(autouse=True)
def _public(settings):
    settings.PUBLIC_URL, settings.TWILIO_AUTH_TOKEN = PUBLIC, TOKEN


def text(**other: str) -> dict[str, str]:
    form = {"MessageSid": "SM1", "From": "+12025550101", "To": "+14105550100", "Body": "Hello"}
    return {**form, **other}


def post(path: str, form: dict[str, str], *, signed: str | None = None, **request):
    signed = signature(f"{PUBLIC}{path}", form, token=TOKEN) if signed is None else signed
    return Client(enforce_csrf_checks=True).post(
        path,
        urlencode(form),
        content_type="application/x-www-form-urlencoded",
        headers={SIGNATURE: signed},
        **request,
    )


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "as_django_sees_it",
    [
        {},
        {"secure": True},
        {"SERVER_NAME": "127.0.0.1", "SERVER_PORT": "8000"},  # a proxy that shows http:// and another host
    ],
)
def test_what_is_signed_for_the_public_address_comes_in(settings, as_django_sees_it):
    settings.SECURE_SSL_REDIRECT = True

    answer = post(INBOUND, text(), **as_django_sees_it)

    assert (answer.status_code, answer["Content-Type"]) == (200, "text/xml")
    assert answer.content.decode().endswith("<Response/>")
    assert list(InboundText.objects.values_list("sid", flat=True)) == ["SM1"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", [INBOUND, STATUS])
@pytest.mark.parametrize(
    "signed",
    [
        "",
        "nonsense",
        "ähm",
        signature(f"http://testserver{INBOUND}", text(), token=TOKEN),  # of what Django sees
        signature(f"{PUBLIC}{INBOUND}", text(), token="another"),
        signature(f"{PUBLIC}{INBOUND}", text(Body="STOP"), token=TOKEN),
        signature(f"{PUBLIC}{INBOUND}?a=b", text(), token=TOKEN),
    ],
)
def test_everything_else_is_forbidden_and_changes_nothing(path, signed):
    assert post(path, text(), signed=signed).status_code == 403
    assert InboundText.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_an_installation_without_a_token_lets_nobody_in(settings):
    settings.TWILIO_AUTH_TOKEN = ""

    signed = signature(f"{PUBLIC}{INBOUND}", text(), token="")
    assert post(INBOUND, text(), signed=signed).status_code == 403


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("path", "form", "status"),
    [
        (STATUS, {"MessageSid": "SM1", "MessageStatus": "delivered"}, 204),  # of no text of ours
        (f"{STATUS}?message=nonsense", {"MessageSid": "SM1", "MessageStatus": "delivered"}, 204),
        (STATUS, {"MessageSid": "SM1"}, 204),
        (INBOUND, {"From": "+12025550101"}, 200),
        (INBOUND, {"MessageSid": "SM1", "From": ""}, 200),
    ],
)
def test_what_is_signed_but_tells_nothing_changes_nothing(path, form, status):
    assert post(path, form).status_code == status
    assert InboundText.objects.count() == 0


@pytest.mark.parametrize("path", [INBOUND, STATUS])
def test_nobody_can_read_there(client, path):
    assert client.get(path).status_code == 405
