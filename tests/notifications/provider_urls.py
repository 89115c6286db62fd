"""The addresses of an installation whose mail goes by either of two providers."""

from django.urls import include, path

from config import mail_provider
from config.urls import urlpatterns as ours

urlpatterns = [
    path(mail_provider.REPORTS, include(mail_provider.doors("postmark"))),
    path(mail_provider.REPORTS, include(mail_provider.doors("brevo"))),
    *ours,
]
