"""Django's admin, for what is set up rarely. It changes nothing that a rule of the diary depends on.

Sign-in flags of staff are set here. Everything that has a verb is shown, never changed: clinics, rosters,
treatments, patients and the diary go through `bookings.commands`, which lock, judge and keep the journal.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import Group
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from bookings.models import (
    Chair,
    Clearance,
    Clinic,
    Closure,
    JournalEntry,
    Patient,
    Protocol,
    ProtocolVersion,
    Role,
    Series,
    Session,
    Shift,
    StaffMember,
    Task,
)

admin.site.disable_action("delete_selected")
admin.site.unregister(Group)  # roles say who may do what


class Shown(ModelAdmin):
    """Rows to look at: nobody adds, changes or deletes them here."""

    list_per_page = 50
    show_full_result_count = False  # counting a million rows for every page is not worth it

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class WithReasons(Shown):
    """Rows that hold clinical reasons, which the front desk does not read, whatever flag it has."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        role = getattr(request.user, "role", None)
        return role != Role.FRONT_DESK and super().has_view_permission(request, obj)


@admin.register(StaffMember)
class StaffAdmin(Shown):
    """Who may open this admin; all else about them goes through the API, which keeps the journal."""

    list_display = ("email", "first_name", "last_name", "role", "is_active", "is_staff")
    list_filter = ("role", "is_active", "is_staff")
    search_fields = ("email", "last_name")
    fields = ("email", "first_name", "last_name", "role", "is_active", "is_staff")
    readonly_fields = ("email", "first_name", "last_name", "role", "is_active")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(getattr(request.user, "is_superuser", False))


@admin.register(Clinic)
class ClinicAdmin(Shown):
    list_display = ("name", "slug", "time_zone", "nursing_mode", "roster_version")


@admin.register(Chair)
class ChairAdmin(Shown):
    list_display = ("name", "clinic", "features", "retired_at")
    list_filter = ("clinic",)
    list_select_related = ("clinic",)


@admin.register(Closure)
class ClosureAdmin(Shown):
    list_display = ("clinic", "chair", "starts", "ends", "reason")
    list_filter = ("clinic",)
    list_select_related = ("clinic", "chair")


@admin.register(Shift)
class ShiftAdmin(Shown):
    list_display = ("nurse", "clinic", "starts", "ends")
    list_filter = ("clinic",)
    list_select_related = ("clinic", "nurse")


@admin.register(Protocol)
class ProtocolAdmin(Shown):
    list_display = ("slug",)


@admin.register(ProtocolVersion)
class ProtocolVersionAdmin(Shown):
    list_display = ("protocol", "version", "created_at", "signed_at", "signed_by")
    list_select_related = ("protocol", "signed_by")


@admin.register(Patient)
class PatientAdmin(Shown):
    list_display = ("last_name", "first_name", "birth_date")
    ordering = ("-id",)


@admin.register(Clearance)
class ClearanceAdmin(Shown):
    list_display = ("patient", "protocol", "sessions", "expires", "granted_by")
    list_select_related = ("patient", "protocol", "granted_by")


@admin.register(Series)
class SeriesAdmin(Shown):
    list_display = ("id", "patient", "clinic", "phase", "status")
    list_filter = ("status", "clinic")
    list_select_related = ("patient", "clinic")
    ordering = ("-id",)


@admin.register(Session)
class SessionAdmin(WithReasons):
    list_display = ("start", "clinic", "chair", "patient", "number", "status")
    list_filter = ("status", "clinic")
    list_select_related = ("clinic", "chair", "patient")
    ordering = ("-id",)


@admin.register(Task)
class TaskAdmin(WithReasons):
    list_display = ("kind", "clinic", "detail", "created_at", "resolved_at")
    list_filter = ("kind", "clinic")
    list_select_related = ("clinic",)
    ordering = ("-id",)


@admin.register(JournalEntry)
class JournalAdmin(WithReasons):
    list_display = ("at", "verb", "actor_kind", "clinic")
    list_filter = ("verb",)
    list_select_related = ("clinic",)
