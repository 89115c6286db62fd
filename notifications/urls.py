"""Addresses under `/api/v1/` that are about messages."""

from django.urls import path

from notifications.api import asking, policies, results, webhooks, wishes
from notifications.api.messages import Messages, OneMessage, Resend

urlpatterns = [
    path("messages/", Messages.as_view(), name="messages"),
    path("messages/<uuid:message>/", OneMessage.as_view(), name="message"),
    path("messages/<uuid:message>/resend/", Resend.as_view(), name="resend-message"),
    *asking.urlpatterns,
    *policies.urlpatterns,
    *wishes.urlpatterns,
    *results.urlpatterns,
    *webhooks.urlpatterns,
]
