"""What granian serves: pages and the API, one blocking thread for each worker."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()

from config.startup import refuse_unfit_settings  # noqa: E402  settings are readable only from here on

refuse_unfit_settings()
