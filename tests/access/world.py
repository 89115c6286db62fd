"""Something of every kind that belongs to Ada, who is treated at NORTH, and everybody who might ask for it.

Nobody of WEST has to do with it, nor has Bea.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bookings.commands.links import issue_link
from bookings.commands.proposals import propose_moves
from bookings.models import (
    AccessToken,
    Clinic,
    Closure,
    FreedPlace,
    Hold,
    JournalEntry,
    LinkPurpose,
    Offer,
    Patient,
    Repair,
    Role,
    Shift,
    StaffMember,
    StartTemplate,
    Task,
    WaitingEntry,
)
from notifications.models import CalendarFeed, Message, WebhookDelivery, WebhookEndpoint
from tests.bookings.scenes import book_ket6, session
from tests.cast import NOW, Cast, make_chairs, new_york


@dataclass(frozen=True)
class World:
    """`here` and `elsewhere`: one of the staff in each role, at NORTH alone and at WEST alone. `ids`: what an
    address may name, by the name that it has there. `secrets`: what those elsewhere are never to read.
    """

    cast: Cast
    here: dict[Role, StaffMember]
    elsewhere: dict[Role, StaffMember]
    ids: dict[str, str]
    links: dict[str, str]
    secrets: dict[str, str]


def make_world(cast: Cast) -> World:
    """All of it, saved."""
    here, elsewhere = _staff("here", cast.north), _staff("elsewhere", cast.west)
    dates = {"created_at": NOW, "updated_at": NOW}
    series = book_ket6(cast)
    visit = session(series, 2)
    visit.escort_name = "Escort Canary"
    visit.save()
    moves = {3: new_york("2026-04-14 14:00")}
    proposal = propose_moves(series, moves=moves, reason="Move canary", actor=cast.as_desk, now=NOW)
    hold = _hold(cast, patient=cast.ada)
    entry = WaitingEntry.objects.create(
        patient=cast.ada,
        clinic=cast.north,
        protocol=cast.ket6,
        phase=series.phase,
        series=series,
        session=visit,
        notice_hours=24,
        created_at=NOW,
    )
    offer = _offer(cast, entry, visit, _hold(cast, patient=None))
    task = Task.objects.create(
        kind="soft_gap", clinic=cast.north, series=series, session=visit, detail="Task canary", **dates
    )
    message = _message(cast, series, visit)
    endpoint, delivery = _webhook(cast.north)
    owned = _of_the_clinic(cast, here)
    links = {
        "v": issue_link(cast.ada, purpose=LinkPurpose.VISIT, session=visit, now=NOW),
        "p": issue_link(cast.ada, purpose=LinkPurpose.PROPOSAL, proposal=proposal, now=NOW),
        "o": issue_link(cast.ada, purpose=LinkPurpose.OFFER, offer=offer, now=NOW),
        "l": issue_link(cast.ada, purpose=LinkPurpose.SIGN_IN, now=NOW),
    }
    of_ada = {
        "series": series.id,
        "session": visit.id,
        "proposal": proposal.id,
        "hold": hold.id,
        "entry": entry.id,
        "offer": offer.id,
        "task": task.id,
        "message": message.id,
        "webhook": endpoint.id,
        "delivery": delivery.id,
        **owned,
    }
    ids = {**of_ada, "patient": cast.ada.id, "protocol": cast.ket6.id}
    CalendarFeed.objects.create(patient=cast.ada, digest=b"0" * 32)
    return World(
        cast=cast,
        here=here,
        elsewhere=elsewhere,
        ids={name: str(value) for name, value in ids.items()},
        links=links,
        secrets={
            **{f"the id of the {name}": str(value) for name, value in of_ada.items()},
            **{
                f"words of the {word.lower()}": f"{word} canary"
                for word in ("Escort", "Move", "Task", "Message", "Closure")
            },
        },
    )


def _staff(word: str, clinic: Clinic) -> dict[Role, StaffMember]:
    made = {}
    for role in (Role.FRONT_DESK, Role.NURSE, Role.PRESCRIBER, Role.MANAGER):
        made[role] = StaffMember.objects.create(
            email=f"{role}@{word}.example", first_name=word, last_name=role, role=role, password="!"
        )
        made[role].clinics.add(clinic)
    return made


def _of_the_clinic(cast: Cast, here: dict[Role, StaffMember]) -> dict[str, Any]:
    """What is NORTH's, and no patient's."""
    starts, ends = new_york("2026-05-04 08:00"), new_york("2026-05-04 12:00")
    (chair,) = make_chairs(cast.north, "N9")
    closure = Closure.objects.create(clinic=cast.north, starts=starts, ends=ends, reason="Closure canary")
    nurse = here[Role.NURSE]
    shift = Shift.objects.create(clinic=cast.north, nurse=nurse, starts=starts, ends=ends)
    template = StartTemplate.objects.create(
        clinic=cast.north, first=starts.date(), last=starts.date(), asked_at=NOW
    )
    repair = Repair.objects.create(
        clinic=cast.north, sessions=[], digest="0" * 64, status="drawing_up", created_at=NOW
    )
    token = AccessToken.objects.create(
        digest=b"1" * 32,
        staff=nurse,
        created_at=NOW,
        expires_at=NOW + timedelta(days=9),
        scope="read",
        name="Token",
        clinics=[cast.north.id],
        made_by=nurse,
    )
    return {
        "chair": chair.id,
        "closure": closure.id,
        "shift": shift.id,
        "template": template.id,
        "repair": repair.id,
        "member": nurse.id,
        "token": token.id,
    }


def _hold(cast: Cast, *, patient: Patient | None) -> Hold:
    return Hold.objects.create(
        clinic=cast.north,
        protocol_version=cast.booster.versions.get(),
        phase="maintenance",
        patient=patient,
        created_at=NOW,
        expires_at=NOW + timedelta(hours=1),
    )


def _offer(cast: Cast, entry: WaitingEntry, visit: Any, hold: Hold) -> Offer:
    start = visit.start - timedelta(days=1)
    place = FreedPlace.objects.create(
        entry=JournalEntry.objects.latest("id"),
        clinic=cast.north,
        starts=start,
        ends=start + timedelta(hours=3),
        found_at=NOW,
    )
    return Offer.objects.create(
        entry=entry,
        place=place,
        batch=hold.id,
        hold=hold,
        start=start,
        chair=cast.n2,
        present=visit.start,
        rank=1,
        why=["First."],
        status="open",
        created_at=NOW,
        expires_at=NOW + timedelta(hours=1),
    )


def _message(cast: Cast, series: Any, visit: Any) -> Message:
    return Message.objects.create(
        key="canary",
        kind="reminder",
        channel="email",
        recipient=cast.ada.email,
        patient=cast.ada,
        series=series,
        session=visit,
        due_at=NOW,
        expires_at=NOW + timedelta(days=1),
        status="failed",
        reason="Message canary",
        body="Message canary",
        created_at=NOW,
    )


def _webhook(clinic: Clinic) -> tuple[WebhookEndpoint, WebhookDelivery]:
    endpoint = WebhookEndpoint.objects.create(
        clinic=clinic, url="https://records.example/in", secret="whsec_x", created_at=NOW
    )
    delivery = WebhookDelivery.objects.create(
        endpoint=endpoint,
        entry=JournalEntry.objects.latest("id"),
        type="series.booked",
        body="{}",
        due_at=NOW,
        expires_at=NOW + timedelta(days=1),
        created_at=NOW,
    )
    return endpoint, delivery
