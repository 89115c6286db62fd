"""The outbox of a demo: staff read there what nobody else received."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from bookings import second_factor
from bookings.models import StaffMember
from config.mailcatcher import mailcatcher
from notifications.channels import Letter, email, text
from tests.api.conftest import caller_for
from tests.notifications.conftest import use_mail_server
from tests.phone import NUMBER, phone_network

pytestmark = pytest.mark.django_db
ADA, BEA = "+12025550101", "+12025550102"
PASSWORD = "correct horse battery"


@pytest.fixture
def demo(settings, tmp_path):
    """A demo whose outbox has a mail to Ada, then one to Bea."""
    settings.DEMO, settings.OUTBOX_DIR = True, str(tmp_path)
    with mailcatcher(tmp_path) as url:
        use_mail_server(settings, url)
        for name in ("ada", "bea"):
            letter = {"id": name, "subject": f"Your appointment: {name}", "text": f"Hello {name} – ¡hola!\n"}
            email.send(Letter(recipient=f"{name}@mail.example", html="<p>Hello</p>", **letter))
        yield


@pytest.fixture
def network(demo, settings, tmp_path):
    """The same demo with two texts to Ada, then one to Bea."""
    with phone_network(tmp_path, settings) as network:
        network.conduct.reports = []
        for name, number in (("one", ADA), ("two", ADA), ("three", BEA)):
            text.send(Letter(id=name, recipient=number, subject="", text=f"Text {name}"))
        yield network


def sign_in(client: Client, **form: str):
    given = {"username": "desk@north.example", "password": PASSWORD, **form}
    return client.post("/desk/login/", given)


def as_json(client: Client, path: str = "/desk/outbox/", **headers: str):
    return client.get(path, headers={"accept": "application/json", **headers})


def test_staff_who_signed_in_by_the_form_see_the_newest_first(cast, demo, client):
    assert sign_in(client).status_code == 302

    page = client.get("/desk/outbox/").content.decode()

    assert re.findall(r"Your appointment: \w+", page) == ["Your appointment: bea", "Your appointment: ada"]
    assert "¡hola!" in page


def test_a_program_with_a_staff_token_gets_a_list(cast, demo, client):
    now = timezone.now()
    headers = caller_for(cast.desk, now=now).headers

    mails = as_json(client, **headers).json()

    assert [(mail["to"], mail["subject"], mail["body"], mail["channel"]) for mail in mails] == [
        ("bea@mail.example", "Your appointment: bea", "Hello bea – ¡hola!\n", "email"),
        ("ada@mail.example", "Your appointment: ada", "Hello ada – ¡hola!\n", "email"),
    ]
    for mail in mails:
        arrived = timezone.datetime.fromisoformat(mail["sent_at"])
        assert abs(now - arrived) < timedelta(minutes=1)


def test_the_list_can_be_of_one_address(cast, demo, client):
    headers = caller_for(cast.desk, now=timezone.now()).headers

    mails = as_json(client, "/desk/outbox/?to=Ada@mail.example", **headers).json()

    assert [mail["to"] for mail in mails] == ["ada@mail.example"]


def test_nothing_on_the_page_but_a_code_looks_like_a_code(cast, demo, client):
    sign_in(client)

    page = client.get("/desk/outbox/").content.decode()

    assert re.findall(r"\b\d{6}\b", page) == []


def test_a_browser_without_a_session_is_led_to_the_form_and_back(cast, demo, client):
    answer = client.get("/desk/outbox/", headers={"accept": "text/html"})
    assert (answer.status_code, answer["Location"]) == (302, "/desk/login/?next=/desk/outbox/")

    assert sign_in(client, next="/desk/outbox/")["Location"] == "/desk/outbox/"


def test_a_program_without_a_token_is_not_signed_in(cast, demo, client):
    assert as_json(client).status_code == 401


@pytest.mark.parametrize("who", ["ada", "former", "expired", "invented"])
def test_nobody_else_gets_in_by_token(cast, demo, client, who):
    now = timezone.now()
    headers = {
        "ada": lambda: caller_for(cast.ada, now=now).headers,
        "former": lambda: caller_for(cast.desk, now=now).headers,
        "expired": lambda: caller_for(cast.desk, now=now - timedelta(days=365)).headers,
        "invented": lambda: {"Authorization": "Bearer nonsense"},
    }[who]()
    if who == "former":
        StaffMember.objects.filter(id=cast.desk.id).update(is_active=False)

    assert as_json(client, **headers).status_code == 401


def test_there_is_no_outbox_outside_a_demo(cast, demo, client, settings):
    settings.DEMO = False
    sign_in(client)

    assert client.get("/desk/outbox/").status_code == 404


def test_a_wrong_password_says_so_and_nothing_more(cast, client):
    page = sign_in(client, password="wrong")

    assert page.status_code == 200
    assert "That does not match." in page.content.decode()
    assert "_auth_user_id" not in client.session


def test_somebody_with_a_second_factor_needs_it_here_too(cast, client):
    secret = second_factor.new_secret()
    StaffMember.objects.filter(id=cast.desk.id).update(otp_secret=secret)

    assert "authenticator shows" in sign_in(client).content.decode()
    assert "_auth_user_id" not in client.session

    import base64

    step = int(timezone.now().timestamp()) // second_factor.STEP_SECONDS
    sign_in(client, otp=second_factor.digits(base64.b32decode(secret), step))
    assert client.session["_auth_user_id"] == str(cast.desk.id)


def test_signing_in_by_the_form_leaves_no_live_token(cast, client):
    sign_in(client)

    assert cast.desk.tokens.filter(revoked_at=None).count() == 0


def test_after_signing_out_the_form_is_shown_again(cast, client):
    sign_in(client)
    client.post("/desk/logout/")

    assert client.get("/desk/", headers={"accept": "text/html"}).status_code == 302


def test_texts_are_in_the_list_too_each_with_its_channel(cast, network, client):
    headers = caller_for(cast.desk, now=timezone.now()).headers

    found = as_json(client, **headers).json()

    assert [(one["to"], one["subject"], one["body"], one["channel"]) for one in found[:3]] == [
        (BEA, "", "Text three", "text"),
        (ADA, "", "Text two", "text"),
        (ADA, "", "Text one", "text"),
    ]
    assert [one["channel"] for one in found[3:]] == ["email", "email"]


@pytest.mark.parametrize("to", ["%2B12025550101", "+12025550101", "12025550101", "(202)%20555-0101"])
def test_the_list_can_be_of_one_telephone_however_it_is_written(cast, network, client, to):
    headers = caller_for(cast.desk, now=timezone.now()).headers

    found = as_json(client, f"/desk/outbox/?to={to}", **headers).json()

    assert [one["body"] for one in found] == ["Text two", "Text one"]


def test_the_page_shows_telephones_beside_the_mailbox(cast, network, client):
    sign_in(client)

    page = client.get("/desk/outbox/").content.decode()

    assert re.findall(r"Text \w+", page) == ["Text three", "Text one", "Text two"]  # on each, oldest first
    assert re.findall(r"Your appointment: \w+", page) == ["Your appointment: bea", "Your appointment: ada"]


def test_the_page_of_a_telephone_shows_both_sides_and_nobody_elses(cast, network, client):
    sign_in(client)
    network.answer(ADA, "Y")

    page = client.get("/desk/outbox/", {"to": ADA}).content.decode()

    assert re.findall(r"<li class=\"(\S+)\">", page) == ["to-them", "to-them", "from-them"]
    assert "Text three" not in page
    assert "Your appointment" not in page


def test_what_somebody_answers_is_no_message_of_ours(cast, network, client):
    network.answer(ADA, "Y")
    headers = caller_for(cast.desk, now=timezone.now()).headers

    assert [one["body"] for one in as_json(client, f"/desk/outbox/?to={ADA}", **headers).json()] == [
        "Text two",
        "Text one",
    ]
    assert as_json(client, f"/desk/outbox/?to={NUMBER}", **headers).json() == []


def answer(client: Client, *, number: str = ADA, body: str = "Y", **headers: str):
    return client.post("/desk/outbox/answers/", {"from": number, "body": body}, headers=headers)


def inbound(network) -> list[tuple[str, str]]:
    return [(one.sender, one.body) for one in network.find() if one.direction == "inbound"]


def test_staff_can_answer_a_text_from_the_page(cast, network, client):
    sign_in(client)

    reply = answer(client, body=" Is there parking? ")

    assert (reply.status_code, reply["Location"]) == (302, "/desk/outbox/?to=%2B12025550101")
    assert inbound(network) == [(ADA, "Is there parking?")]
    assert "Is there parking?" in client.get(reply["Location"]).content.decode()


def test_a_program_with_a_token_can_answer_a_text(cast, network, client):
    strict = Client(enforce_csrf_checks=True)

    reply = answer(strict, **caller_for(cast.desk, now=timezone.now()).headers)

    assert reply.status_code == 302
    assert inbound(network) == [(ADA, "Y")]


def test_another_site_cannot_answer_in_the_name_of_who_is_signed_in(cast, network):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(cast.desk)

    assert answer(strict).status_code == 403
    assert inbound(network) == []


def test_nobody_answers_without_signing_in_nor_outside_a_demo(cast, network, client, settings):
    assert answer(client, accept="application/json").status_code == 401
    sign_in(client)
    settings.DEMO = False
    assert answer(client).status_code == 404
    assert inbound(network) == []


@pytest.mark.parametrize(
    ("number", "body"), [("", "Y"), ("ada@mail.example", "Y"), (ADA, ""), (ADA, "a" * 1601)]
)
def test_an_answer_needs_a_telephone_and_words(cast, network, client, number, body):
    sign_in(client)

    assert answer(client, number=number, body=body).status_code == 400
    assert inbound(network) == []


def test_a_text_that_did_not_arrive_says_so(cast, network, client):
    sign_in(client)
    text.send(Letter(id="four", recipient="+15005553005", subject="", text="Text four"))

    assert "did not arrive" in client.get("/desk/outbox/", {"to": "+15005553005"}).content.decode()
