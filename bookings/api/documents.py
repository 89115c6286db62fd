"""The API describes itself: the OpenAPI document, and pages to try it that need no network."""

from __future__ import annotations

from django.urls import path
from drf_spectacular.renderers import (
    OpenApiJsonRenderer,
    OpenApiJsonRenderer2,
    OpenApiYamlRenderer,
    OpenApiYamlRenderer2,
)
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView


class Schema(SpectacularAPIView):
    """OpenAPI 3.1, as JSON unless `Accept` or `?format=yaml` asks for YAML."""

    authentication_classes = ()
    renderer_classes = [
        OpenApiJsonRenderer2,
        OpenApiJsonRenderer,
        OpenApiYamlRenderer2,
        OpenApiYamlRenderer,
    ]


class Docs(SpectacularSwaggerView):
    """Swagger UI, from the installed package."""

    authentication_classes = ()


urlpatterns = [
    path("schema/", Schema.as_view(), name="schema"),
    path("docs/", Docs.as_view(url_name="schema"), name="docs"),
]
