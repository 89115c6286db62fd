"""What granian serves: pages and the API, one blocking thread for each worker."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from config import observing

observing.begin()  # before the application reads which middleware there is
application = get_wsgi_application()

from config.startup import refuse_unfit_settings  # noqa: E402

refuse_unfit_settings()

# What is loaded by now stays: not looked through again by every collection, which came to a tenth of the time
# of a request.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 50)
