"""For a server that speaks ASGI. Pages and the API run five times faster under `config.wsgi`."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_asgi_application()

from config.startup import refuse_unfit_settings  # noqa: E402  settings are readable only from here on

refuse_unfit_settings()
