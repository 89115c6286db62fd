from django.urls import include, path

urlpatterns = [path("", include("appointment.urls", namespace="appointment"))]
