"""The service's own Celery application, whose beat looks for messages every two seconds. SKEW puts its clock
so many seconds ahead.
"""

import os

if skew := float(os.environ.get("SKEW", "0")):
    from tests.faults import skewed

    skewed.set(skew)

from config.celery import app

for name in ("send-due-messages", "react-to-journal"):
    app.conf.beat_schedule[name]["schedule"] = 2

__all__ = ["app"]
