"""A task that does nothing: what two workers and a queue cost by themselves."""

from celery import shared_task


@shared_task
def nothing() -> None:
    """Be taken from the queue, and be done."""
