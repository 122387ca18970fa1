import time

from celery import shared_task
from celery.signals import beat_init, worker_process_init
from django.conf import settings
from django.db import close_old_connections
from django.utils import timezone

from fer_lms.engagement.actions import close_due_windows, write_windows
from fer_lms.policy.queries import is_inference_permitted
from fer_lms.rules.tasks import evaluate
from fer_lms.streaming.wire import observation_log
from fer_lms.streaming.wire.redis_roles import broker_redis
from fer_lms.streaming.worker.drain import drain, process_pipeline
from fer_lms.streaming.worker.liveness import saw

ENTRIES_AT_ONCE = 500
WRITE_SECONDS = 5.0


@shared_task(name="streaming.drain_frames", ignore_result=True)
def drain_frames(lane: int) -> None:
    """There is work for this lane: read frames until there is none."""
    close_old_connections()
    if drain(lane):
        drain_frames.apply_async(args=(lane,), expires=5)


@shared_task(name="streaming.write_windows", ignore_result=True)
def write_windows_task() -> None:
    """Move the observation log into windows; once it is empty, close those whose time is over.

    A window closes only when all that was logged before its end of grace has been counted, however
    far behind the log is. Then the rules look at them, in a task of their own: what may be wrong
    there never keeps windows from being written.
    """
    saw("beat")
    started = time.monotonic()
    while time.monotonic() - started < WRITE_SECONDS:
        asked_at = timezone.now()
        if not drain_log():
            close_due_windows(now=asked_at)
            evaluate.apply_async(args=(asked_at.isoformat(),), expires=10)
            return


def drain_log() -> bool:
    """Write the oldest entries and delete them once committed; False when the log is empty."""
    entries = observation_log.oldest_entries(broker_redis(), ENTRIES_AT_ONCE)
    if not entries:
        return False
    write_windows(
        observations=[seen for _, (observations, _) in entries for seen in observations],
        feeds=[feed for _, (_, feeds) in entries for feed in feeds],
    )
    observation_log.delete_entries(broker_redis(), [entry_id for entry_id, _ in entries])
    return len(entries) == ENTRIES_AT_ONCE


@shared_task(name="streaming.report_alive", ignore_result=True)
def report_alive() -> None:
    """Asked by beat, answered by a worker that can read frames."""
    if is_inference_permitted():
        process_pipeline()
        saw("models")
    saw("worker")


@shared_task(name="streaming.report_integrations", ignore_result=True)
def report_integrations() -> None:
    """Mark the integrations worker as alive."""
    saw("integrations")


@beat_init.connect
def look_for_workers_at_once(**_: object) -> None:
    """Do not wait for the first turn of the schedule: the service is ready as soon as it can be."""
    report_alive.apply_async(expires=30)


@worker_process_init.connect
def open_models(**_: object) -> None:
    """Open the models in this process, after the fork, before its first frame."""
    if settings.WORKER_READS_FRAMES and is_inference_permitted():
        process_pipeline()
