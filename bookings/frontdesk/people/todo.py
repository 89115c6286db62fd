"""What a person must look at: the tasks of a clinic, each with its reason and what could be done about it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from bookings.clinical import may_know_why
from bookings.commands.todo import resolve_task
from bookings.errors import NotFound
from bookings.frontdesk.access import Desk, desk
from bookings.frontdesk.day.words import task_words
from bookings.frontdesk.people.deciding import verdicts_for
from bookings.frontdesk.people.proposing import moves_of, starts_of
from bookings.models import Task, TaskKind
from bookings.queries.tasks import tasks_seen_by

MOST = 200


@require_safe
@desk()
def tasks(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The open tasks of the clinic, the newest first; with `all` those that are resolved as well."""
    is_open = None if "all" in request.GET else True
    rows = tasks_seen_by(desk.actor, clinic=desk.clinic, is_open=is_open)
    found = [
        told(task, desk)
        for task in rows.select_related("session", "series__protocol_version").order_by("-id")[:MOST]
    ]
    template = "parts/tasks" if "HX-Request" in request.headers else "tasks"
    out_of_place = sum(
        one["task"].kind == TaskKind.NO_LONGER_FITS for one in found if not one["task"].resolved_at
    )
    context = {"desk": desk, "tasks": found, "most": MOST, "out_of_place": out_of_place}
    return render(request, f"frontdesk/people/{template}.html", context)


@require_POST
@desk()
def resolve(request: HttpRequest, task: UUID, desk: Desk) -> HttpResponse:
    """Somebody has looked, and says what came of it."""
    found = tasks_seen_by(desk.actor, clinic=desk.clinic).filter(id=task).first()
    if found is None:
        raise NotFound(_("There is no such task, or it is resolved."))
    said = request.POST.get("resolution", "").strip()[:1000]
    resolve_task(found, resolution=said, actor=desk.actor, now=desk.now)
    messages.success(request, _("The task is resolved."), extra_tags="good")
    return redirect("desk-tasks", clinic=desk.clinic.slug)


def told(task: Task, desk: Desk) -> dict[str, Any]:
    """A task as far as this member of staff may know it, with what could be done about it."""
    name, detail = task_words(desk.actor, task)
    proposal = task.proposal or {}
    return {
        "task": task,
        "name": name,
        "detail": detail,
        "resolution": task.resolution if may_know_why(desk.actor, task.kind) else "",
        "moves": moves_of(proposal.get("moves") or (), desk),
        "cancels": starts_of(proposal.get("cancels") or (), desk),
        "next_phase": proposal.get("phase", ""),
        "resumes": "manner" in proposal,
        "verdicts": verdicts_for(desk, task),
    }
