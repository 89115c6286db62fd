"""The service's own Celery application, for which it is the time that the file named by CLOCK says."""

import os
from datetime import datetime
from pathlib import Path

from django.utils import timezone

from config.celery import app

timezone.now = lambda: datetime.fromisoformat(Path(os.environ["CLOCK"]).read_text())

__all__ = ["app"]
