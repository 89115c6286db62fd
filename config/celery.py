"""The Celery application, and the one table of everything that happens periodically.

Two beats at once do no harm: a task takes its work from rows under `SKIP LOCKED`, or finds nothing to do.
"""

import os
import time

from celery import Celery, signals

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

MINUTE = 60
HOUR = 60 * MINUTE
CLOCKS_DIFFER = 5 * MINUTE  # without harm: a task that comes twice finds nothing to do

# Nothing below may read `app.conf`: that would load the settings when the package is imported, before
# the embedded servers have put their addresses into the environment.
app = Celery("cadence")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["bookings", "notifications", "notifications.outgoing"])


def every(seconds: int, task: str) -> dict[str, object]:
    """A row of the table. A tick that no worker took expires some time after the next one is sent, so that
    few pile up; by the worker's clock, which may be so much ahead of the beat's.
    """
    return {"task": task, "schedule": seconds, "options": {"expires": seconds + CLOCKS_DIFFER}}


app.conf.beat_schedule = {
    # Show that beat and workers are alive: metrics, alerts and the desk's banner look at what this leaves.
    "take-tick": every(MINUTE, "bookings.tasks.take_tick"),
    # Send every message that has become due.
    "send-due-messages": every(MINUTE, "notifications.tasks.send_due_messages"),
    # Turn changes in the journal into messages, in case the nudge after a commit was lost.
    "react-to-journal": every(MINUTE, "notifications.tasks.react_to_journal"),
    # Deliver every webhook that has become due.
    "send-due-webhooks": every(MINUTE, "notifications.outgoing.tasks.send_due_webhooks"),
    # Remove holds that have expired. They block nobody meanwhile; this only tidies.
    "sweep-holds": every(MINUTE, "bookings.tasks.sweep_holds"),
    # Offer places that came free to those who wait, and what nobody wanted in time to those next in turn.
    "offer-freed-places": every(MINUTE, "bookings.tasks.offer_freed_places"),
    # Open a task for whatever got out of line, in case the nudge was lost, and for who has not come.
    "watch-recent": every(5 * MINUTE, "bookings.tasks.watch_recent"),
    # Look at every series once a day of its clinic: gaps grow past their bounds overnight.
    "watch-new-days": every(15 * MINUTE, "bookings.tasks.watch_new_days"),
    # Draw up joint plans for displaced visits, in case the nudge was lost or a worker died at it.
    "draw-up-repairs": every(MINUTE, "bookings.tasks.draw_up_repairs"),
    # Draw up the templates of starts that were asked for, in case the nudge was lost.
    "draw-up-templates": every(MINUTE, "bookings.tasks.draw_up_templates"),
    # Bring the journal under seal, so that a row that is changed or removed later is found out.
    "seal-journal": every(MINUTE, "bookings.tasks.seal_journal"),
    # Forget codes, links and tokens that ended long ago, and readings after six years.
    "forget-old": every(6 * HOUR, "bookings.tasks.forget_old"),
    # Forget the words and addresses of messages that nobody asks about any more.
    "forget-old-words": every(6 * HOUR, "notifications.tasks.forget_old_words"),
    # Forget webhooks that were delivered, or given up, a month ago.
    "forget-old-webhooks": every(HOUR, "notifications.outgoing.tasks.forget_old_webhooks"),
    # Forget the sessions of browsers that have ended, with what was typed in them and never booked.
    "forget-ended-sessions": every(HOUR, "bookings.tasks.forget_ended_sessions"),
    # Forget the answers kept for repeated requests, once they are too old to be repeated.
    "sweep-idempotency-keys": every(HOUR, "bookings.tasks.sweep_idempotency_keys"),
}


@signals.before_task_publish.connect
def say_when(headers: dict[str, object], **_: object) -> None:
    """A task does not know by itself when it was sent."""
    headers["sent_at"] = time.time()


@signals.worker_process_init.connect
def observe(**_: object) -> None:
    """Each process of a worker for itself: what was begun before a fork does not live through it."""
    from config import observing

    observing.begin()


@signals.worker_init.connect
@signals.beat_init.connect
def check_settings(**_: object) -> None:
    from django.core.exceptions import ImproperlyConfigured

    from config.startup import refuse_unfit_settings

    try:
        refuse_unfit_settings()
    except ImproperlyConfigured as refusal:
        # Celery logs what a signal's receiver raises and carries on, except for this.
        raise SystemExit(str(refusal)) from None
