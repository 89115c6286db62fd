"""Every byte that leaves, over all kinds, both ways and both languages, by real servers: no health detail."""

from __future__ import annotations

import email
import json
import logging
import re
from dataclasses import dataclass
from datetime import timedelta
from email import policy
from pathlib import Path

import pytest
from django.test import Client

from bookings.commands.book import book_series
from bookings.commands.move import move_session
from bookings.commands.proposals import propose_moves
from bookings.models import Patient, Series, Session
from config.carrier import Conduct
from config.metrics import exposition
from notifications.channels import NotSent, dispatch
from notifications.commands import say, send
from notifications.commands.react import react
from notifications.compose import LANGUAGES
from notifications.kinds import Channel, Kind, Status
from notifications.models import Attempt, ClinicVoice, Message, WebhookDelivery
from notifications.outgoing.endpoints import add_endpoint
from notifications.second_look import TRUE_WHILE
from tests.api.conftest import clock
from tests.cast import MONDAYS_AND_THURSDAYS, NOW, make_protocol, make_version, new_york
from tests.notifications.both_ways import agree_to_texts
from tests.notifications.outgoing.receiver import receiver
from tests.notifications.outgoing.scenes import work
from tests.notifications.page_scenes import do
from tests.patient.conftest import signed_in
from tests.phone import phone_network
from tests.treatments import KET6

__all__ = ["clock"]

pytestmark = pytest.mark.django_db(transaction=True)

#: Words that occur nowhere else, wherever a treatment can carry one.
TELLING = (
    *("zephyranthol", "quillonide", "marrowfen", "threnodol", "borigmine", "ketamin", "glimmerdepression"),
    "perstinax",  # of the clinic's own words on how to prepare: for the body of one email alone
)
OWN_WORDS = "perstinax"
TREATMENT = {
    **KET6,
    "slug": "zephyranthol",
    "name": "Zephyranthol against glimmerdepression",
    "spacing_group": "quillonide",
    "phases": [{**KET6["phases"][0], "name": "marrowfen"}],
    "steps": [
        *KET6["steps"][:2],
        {**KET6["steps"][2], "name": "threnodol drip"},
        {**KET6["steps"][3], "name": "borigmine watch"},
        KET6["steps"][4],
    ],
    "preparation": {
        "solids_hours": 8,
        "clear_fluids_hours": 2,
        "no_driving_hours": 24,
        "text": {"en": f"Take your {OWN_WORDS}.", "es": f"Tome su {OWN_WORDS}."},
    },
}
ADA = ("ada@mail.example", "+12025550101")


@dataclass
class Outside:
    """All that left: name of where, and bytes."""

    mail: Path
    texts: Path
    log: pytest.LogCaptureFixture

    def letters(self) -> list[tuple[str, bytes]]:
        """Each mail as it went over the wire, and each of its parts and headers decoded."""
        found = []
        for path in sorted(self.mail.glob("*.eml")):
            raw = path.read_bytes()
            mail = email.message_from_bytes(raw, policy=policy.default)
            found.append((f"wire of {mail['Subject']}", raw))
            found += [(f"{name} header", str(value).encode()) for name, value in mail.items()]
            for part in mail.walk():
                if not part.is_multipart():
                    found.append((part.get_content_type(), part.get_payload(decode=True)))
        return found

    def texts_sent(self) -> list[tuple[str, bytes]]:
        return [("text", path.read_bytes()) for path in sorted(self.texts.glob("*.json"))]

    def logged(self) -> list[tuple[str, bytes]]:
        said = [f"{record.name} {record.getMessage()} {record.exc_text or ''}" for record in self.log.records]
        return [("log", line.encode()) for line in said]


def telling(found: list[tuple[str, bytes]], words: tuple[str, ...] = TELLING) -> list[tuple[str, str]]:
    """Where a telling word is, in plain or in another writing of it."""
    written = {
        word: re.compile(b"|".join(re.escape(one) for one in writings(word)), re.IGNORECASE) for word in words
    }
    return [
        (where, word) for where, content in found for word, seen in written.items() if seen.search(content)
    ]


def writings(word: str) -> set[bytes]:
    """The word as it is, with soft line breaks of quoted-printable in it, and as UTF-16."""
    broken = {(word[:cut] + "=\r\n" + word[cut:]).encode() for cut in range(1, len(word))}
    folded = {(word[:cut] + "\r\n " + word[cut:]).encode() for cut in range(1, len(word))}
    return {word.encode(), word.encode("utf-16-be"), *broken, *folded}


@pytest.fixture
def outside(tmp_path, mailbox, settings, caplog) -> Outside:
    """A mail server and a carrier on loopback; everything is logged, whatever LOG_LEVEL would be."""
    caplog.set_level(logging.DEBUG)
    with phone_network(tmp_path / "texts", settings) as network:
        network.conduct = Conduct(reports=[])
        yield Outside(mailbox.folder, network.folder, caplog)


@pytest.fixture
def treated(cast, outside) -> Series:
    """Ada's six sessions of a treatment with telling names, at a clinic whose own name tells as much."""
    cast.north.name, cast.north.phone = "North Ketamine Center", "+12025550150"
    cast.north.address = "1 North Street"
    cast.north.save()
    ClinicVoice.objects.create(clinic=cast.north, sender_name="North Clinic")
    agree_to_texts(cast.ada)
    protocol = make_protocol(TREATMENT, cast.north, signed_by=cast.prescriber)
    return book_series(
        cast.ada,
        clinic=cast.north,
        protocol=protocol,
        starts=MONDAYS_AND_THURSDAYS,
        actor=cast.as_desk,
        now=NOW,
    )


def send_one(row: Message) -> None:
    """As the worker does."""
    taken = send.take(row.id, now=NOW)
    assert taken is not None, Message.objects.get(id=row.id).reason
    send.settle(taken, dispatch.send(taken.channel, taken.letter), now=NOW)
    assert Message.objects.get(id=row.id).status == Status.SENT


def message(series: Series, kind: Kind, channel: Channel, **facts) -> Message:
    """A row of that kind about the whole series, which is in the state that the kind speaks of."""
    states = TRUE_WHILE.get(kind, {"booked"})
    series.sessions.update(status=min(states))
    about = [{"id": str(one.id), "start": one.start.isoformat()} for one in series.sessions.all()]
    if kind == Kind.CHANGE:
        about = [{**one, "before": "2026-04-04T14:00:00+00:00"} for one in about]
    return Message.objects.create(
        key=f"{kind} {channel} {series.patient.language}",
        kind=kind,
        channel=channel,
        recipient=ADA[channel == Channel.TEXT],
        patient=series.patient,
        series=series,
        session=series.sessions.first(),
        facts={"sessions": about, **facts},
        due_at=NOW,
        expires_at=NOW + timedelta(days=2),
        created_at=NOW,
    )


def say_everything(cast, series: Series) -> int:
    """Each kind by each way in each language; how many messages that were."""
    said = 0
    for language in LANGUAGES:
        Patient.objects.filter(id=cast.ada.id).update(language=language)
        series.patient.refresh_from_db()
        proposal = propose_moves(series, moves={2: new_york("2026-04-10 09:00")}, actor=cast.as_desk, now=NOW)
        facts = {
            Kind.PROPOSAL: {"proposal": str(proposal.id)},
            Kind.RUNNING_LATE: {"minutes": 20},
            Kind.REPLY: {"answer": "confirmed"},
        }
        for kind in Kind:
            for channel in Channel:
                if kind == Kind.LOGIN_CODE:
                    row = say.announce_code(
                        ADA[channel == Channel.TEXT], code="314159", language=language, now=NOW
                    )
                elif kind == Kind.LOGIN_LINK:
                    row = say.announce_link(
                        ADA[channel == Channel.TEXT],
                        token="AbCdEf123456",
                        name="Ada",
                        language=language,
                        now=NOW,
                    )
                else:
                    row = message(series, kind, channel, **facts.get(kind, {}))
                send_one(row)
                said += 1
                if channel == Channel.TEXT:  # one a day is the rule; here they are all today
                    Attempt.objects.all().delete()
                    Message.objects.filter(channel=Channel.TEXT).delete()
    return said


def test_no_message_of_any_kind_says_what_somebody_is_treated_for(cast, outside, treated):
    said = say_everything(cast, treated)

    letters, texts = outside.letters(), outside.texts_sent()
    wires = [where for where, _ in letters if where.startswith("wire")]
    assert (said, len(wires), len(texts)) == (2 * 2 * len(Kind), 2 * len(Kind), 2 * len(Kind))
    assert telling(texts) == []
    assert telling(outside.logged()) == []
    # The clinic's own words on how to prepare are in that email's two bodies, and nowhere else.
    assert {where for where, _ in telling(letters)} == {
        "wire of Your appointment: how to prepare",
        "wire of Su cita: cómo prepararse",
        "text/plain",
        "text/html",
    }
    assert {word for _, word in telling(letters)} == {OWN_WORDS}
    assert len(telling(letters)) == 2 * 3
    calendars = [content for where, content in letters if where == "text/calendar"]
    assert len(calendars) == 5 * 2 * 6
    private = re.compile(rb"(?i)\b(?:Ada|eat|drink|drive|comer|beber|conduzca)\b")
    # The only name in it is the address that it goes to.
    assert [one for one in calendars if private.search(one.replace(b"mailto:ada@", b""))] == []
    # How to prepare, and who drives, are for the email alone. A link's secret may spell anything.
    bodies = [re.sub(r"https?://\S+", "", json.loads(one)["body"]) for _, one in texts]
    assert [one for one in bodies if re.search(r"(?i)eat|drink|drive|\bcom[ae]|beb[ae]|conduz", one)] == []


def test_no_log_line_names_who_is_written_to(cast, outside, treated):
    say_everything(cast, treated)
    taken = send.take(message(treated, Kind.OFFER, Channel.TEXT).id, now=NOW)
    send.settle(taken, NotSent("no such number", for_ever=True), now=NOW)

    assert [line for _, line in outside.logged() if line.startswith(b"notifications")] != []
    assert telling(outside.logged(), (*ADA, "314159", "AbCdEf123456", "Quill")) == []


def test_webhooks_calendar_and_figures_tell_no_more(cast, clock, outside, treated, settings):
    settings.WEBHOOKS_ALLOW_PRIVATE = True
    with receiver() as listener:
        add_endpoint(cast.north, url=listener.url, actor=cast.as_manager, now=NOW)
        move_session(
            treated.sessions.get(number=2), start=new_york("2026-04-10 09:00"), actor=cast.as_desk, now=NOW
        )
        react(now=NOW)
        work(NOW)
        heard = [("webhook", got.body + repr(got.headers).encode()) for got in listener.got]
    client = signed_in(cast.ada)
    feed = re.search(r"https?://[^<]+(/calendar/[\w-]+\.ics)", do(client, "renew").content.decode())[1]
    calendar = Client().get(feed)

    assert len(heard) == WebhookDelivery.objects.count() > 0
    assert len(re.findall(rb"BEGIN:VEVENT", calendar.content)) == Session.objects.count()
    left = [
        *heard,
        ("calendar", calendar.content),
        ("headers", repr(calendar.headers).encode()),
        ("figures", exposition()),
        *outside.logged(),
    ]
    assert telling(left) == []


def test_what_is_looked_for_would_be_found(cast, outside, treated):
    """The same search, over what the staff may read."""
    make_version(treated.protocol_version.protocol, TREATMENT, signed_by=cast.prescriber)

    kept = f"{treated.protocol_version.rules} {treated.clinic.name}".encode()

    assert {word for _, word in telling([("kept", kept)])} == set(TELLING)
    assert telling([("wire", b"thre=\r\nnodol"), ("folded", b"marr\r\n owfen")]) == [
        ("wire", "threnodol"),
        ("folded", "marrowfen"),
    ]
