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
from fer_lms.streaming.wire.redis_roles import get_broker_redis
from fer_lms.streaming.worker.drain import drain, get_pipeline
from fer_lms.streaming.worker.liveness import record_heartbeat
from fer_lms.streaming.worker.native_output import log_native_output

MAX_ENTRIES_PER_WRITE = 500
MAX_WRITE_S = 5.0


@shared_task(name="streaming.drain_frames", ignore_result=True)
def drain_frames(lane: int) -> None:
    """Read the frames of one lane until there are none."""
    close_old_connections()
    if drain(lane):
        drain_frames.apply_async(args=(lane,), expires=5)


@shared_task(name="streaming.write_windows", ignore_result=True)
def write_windows_task() -> None:
    """Write the observation log into windows; once it is empty, close those whose time is over.

    A window closes only after everything that was logged before the end of its grace period is
    counted, however long the log is. The rules are evaluated in a separate task, so that an
    error there never prevents windows from being written.
    """
    record_heartbeat("beat")
    started = time.monotonic()
    while time.monotonic() - started < MAX_WRITE_S:
        read_at = timezone.now()
        if not write_logged_observations():
            close_due_windows(now=read_at)
            evaluate.apply_async(args=(read_at.isoformat(),), expires=10)
            return


def write_logged_observations() -> bool:
    """Write the oldest entries and delete them once committed; False when the log is empty."""
    entries = observation_log.read_oldest_entries(get_broker_redis(), MAX_ENTRIES_PER_WRITE)
    if not entries:
        return False
    write_windows(
        observations=[item for _, (observations, _) in entries for item in observations],
        feeds=[feed for _, (_, feeds) in entries for feed in feeds],
    )
    observation_log.delete_entries(get_broker_redis(), [entry_id for entry_id, _ in entries])
    return len(entries) == MAX_ENTRIES_PER_WRITE


@shared_task(name="streaming.report_alive", ignore_result=True)
def report_alive() -> None:
    """Mark a frames worker as alive, and that its models are open."""
    if is_inference_permitted():
        get_pipeline()
        record_heartbeat("models")
    record_heartbeat("worker")


@shared_task(name="streaming.report_integrations", ignore_result=True)
def report_integrations_alive() -> None:
    """Mark the integrations worker as alive."""
    record_heartbeat("integrations")


@beat_init.connect
def check_workers_at_start(**_: object) -> None:
    """Queue the first check at once, so that /readyz need not wait for beat's schedule."""
    report_alive.apply_async(expires=30)


@worker_process_init.connect
def open_models(**_: object) -> None:
    """Open the models in this process, after the fork, before its first frame."""
    if settings.WORKER_READS_FRAMES:
        log_native_output()
    if settings.WORKER_READS_FRAMES and is_inference_permitted():
        get_pipeline()
