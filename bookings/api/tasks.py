"""Tasks, for staff: what a person must look at."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import path
from drf_spectacular.utils import OpenApiExample, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from bookings.actors import Actor
from bookings.api.endpoint import Endpoint
from bookings.api.finding import own_clinic_of, the
from bookings.api.kept_times import with_local_times
from bookings.api.pagination import PageQuery, page_of, paged
from bookings.api.permissions import STAFF
from bookings.api.schema import describe
from bookings.bodies.fields import Body, Ident, Key, Query, Text
from bookings.bodies.times import local
from bookings.clinical import HOLD, kind_for, may_know_why
from bookings.commands.todo import resolve_task
from bookings.models import Task, TaskKind
from bookings.queries.tasks import tasks_seen_by

_OPEN = {"open": True, "resolved": False, "all": None}
_KINDS = [*TaskKind.values, HOLD]
_HELD = "A prescriber looks at this course. Book nothing more of it until then."


class TaskQuery(Query):
    """Which tasks."""

    status = serializers.ChoiceField(choices=sorted(_OPEN), default="open")
    kind = serializers.ChoiceField(
        choices=_KINDS, required=False, help_text="`clinical_hold`: whatever is one for the front desk."
    )
    clinic = Key(required=False, help_text="The id or slug of a clinic.")
    series = Ident(required=False)
    patient = Ident(required=False)


class ResolutionBody(Body):
    """What came of it."""

    resolution = Text(max_length=1000, required=False, allow_blank=True)
    reason = Text(max_length=1000, required=False, allow_blank=True, help_text="Another name for it.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs.keys() >= {"resolution", "reason"}:
            raise serializers.ValidationError({"reason": ["This is the resolution under another name."]})
        return attrs


@extend_schema_field(
    {
        "type": "object",
        "description": "What could be done: the moves of the best way to place what is left of the series. "
        "Where its phase is over, the sessions of the one that follows, named by `phase`.",
        "properties": {
            "moves": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "number": {"type": "integer"},
                        "from": {"type": ["string", "null"], "format": "date-time"},
                        "to": {"type": "string", "format": "date-time"},
                    },
                },
            },
            "cancels": {
                "type": "array",
                "description": "What is given up for it, after a missed session.",
                "items": {
                    "type": "object",
                    "properties": {
                        "number": {"type": "integer"},
                        "from": {"type": "string", "format": "date-time"},
                    },
                },
            },
            "manner": {
                "type": "string",
                "enum": ["restart", "maintenance"],
                "description": "How the series goes on after a missed session, where that is not made up for "
                "at the end. `restart`: the moves are the sessions of a new series.",
            },
            "phase": {"type": "string", "description": "The phase that could begin, as a series of its own."},
            "reason": {"type": "string", "description": "Why there is no way, where there is none."},
        },
    }
)
class Proposal(serializers.JSONField):
    """What could be done about it."""


class TaskAnswer(serializers.Serializer[Any]):
    """Something that a person must look at."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(
        choices=_KINDS, help_text="`clinical_hold`: the front desk is told that there is one, not why."
    )
    status = serializers.ChoiceField(choices=["open", "resolved"])
    clinic = serializers.UUIDField()
    patient = serializers.UUIDField()
    series = serializers.UUIDField(allow_null=True, help_text="Null: a patient who has none wrote.")
    session = serializers.UUIDField(allow_null=True)
    detail = serializers.CharField()
    deadline = serializers.DateTimeField(
        allow_null=True, help_text="From then on it cannot be mended; null where only a decision mends it."
    )
    proposal = Proposal(allow_null=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    resolved_at = serializers.DateTimeField(allow_null=True)
    resolved_by = serializers.UUIDField(allow_null=True)
    resolution = serializers.CharField()


class Tasks(Endpoint):
    """What a person must look at, at the clinics where the caller works."""

    roles = {"GET": STAFF}

    @describe(
        "List the tasks",
        answers={200: page_of(TaskAnswer, "TaskPage")},
        query=[TaskQuery, PageQuery],
        refusals=["not-found"],
        tag="tasks",
    )
    def get(self, request: Request) -> Response:
        """Newest first; open ones unless `status` says otherwise."""
        query = self.query(TaskQuery)
        is_open = _OPEN[query.pop("status")]
        if "clinic" in query:
            query["clinic"] = own_clinic_of(query["clinic"], self.actor)
        rows = tasks_seen_by(self.actor, is_open=is_open, **query)
        return paged(
            request,
            rows,
            order=("-id",),
            represent=lambda found: [task_answer(row, self.actor) for row in found],
        )


class OneTask(Endpoint):
    """One task."""

    roles = {"GET": STAFF}

    @describe("Show a task", answers={200: TaskAnswer}, refusals=["not-found"], tag="tasks")
    def get(self, request: Request, task: UUID) -> Response:
        """Open or resolved."""
        found = the(tasks_seen_by(self.actor, is_open=None).filter(id=task), "task")
        return Response(task_answer(found, self.actor))


class Resolution(Endpoint):
    """The end of a task."""

    roles = {"POST": STAFF}

    @describe(
        "Resolve a task",
        body=ResolutionBody,
        answers={200: TaskAnswer},
        refusals=["not-found", "wrong-state"],
        examples=[
            OpenApiExample("Done", value={"resolution": "Called; comes on Monday."}, request_only=True)
        ],
        tag="tasks",
    )
    def post(self, request: Request, task: UUID) -> Response:
        """Somebody has seen to it: it is not raised again for the same reason."""
        found = the(tasks_seen_by(self.actor, is_open=None).filter(id=task), "task")
        body = self.body(ResolutionBody)
        resolution = body.get("resolution", body.get("reason", ""))
        resolve_task(found, resolution=resolution, actor=self.actor, now=self.now)
        found = the(tasks_seen_by(self.actor, is_open=None).filter(id=task), "task")
        return Response(task_answer(found, self.actor))


def task_answer(task: Task, actor: Actor) -> dict[str, Any]:
    """A task, in the wall-clock of its clinic, as far as the actor may know it."""
    zone = task.clinic.zone
    knows = may_know_why(actor, task.kind)
    return {
        "id": task.id,
        "kind": kind_for(actor, task.kind),
        "status": "resolved" if task.resolved_at else "open",
        "clinic": task.clinic_id,
        "patient": task.whom.id,
        "series": task.series_id,
        "session": task.session_id,
        "detail": task.detail if knows else _HELD,
        "deadline": local(task.deadline, zone) if task.deadline else None,
        "proposal": with_local_times(task.proposal, zone) if knows else None,
        "created_at": local(task.created_at, zone),
        "updated_at": local(task.updated_at, zone),
        "resolved_at": local(task.resolved_at, zone) if task.resolved_at else None,
        "resolved_by": task.resolved_by_id,
        "resolution": task.resolution if knows else "",
    }


urlpatterns = [
    path("tasks/", Tasks.as_view(), name="tasks"),
    path("tasks/<uuid:task>/", OneTask.as_view(), name="task"),
    path("tasks/<uuid:task>/resolve/", Resolution.as_view(), name="task-resolve"),
]
