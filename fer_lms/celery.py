"""Celery carries ticks ("there is work"), never frames and never the only copy of anything.

A lost tick is sent again by whoever finds the work waiting, so ticks are acknowledged early and
expire; nothing is redelivered.
"""

import os

from celery import Celery
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fer_lms.settings")

FRAMES_QUEUE = "frames"
"""Workers that hold the models."""
CLERK_QUEUE = "clerk"
"""One light worker that writes windows, reports and erasures."""
ERRANDS_QUEUE = "errands"
"""A worker that asks other servers and may have to wait for them: rosters, statements. None runs
beside a demonstration, which knows no other servers."""

app = Celery("fer_lms")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    accept_content=["json"],
    task_ignore_result=True,
    task_default_queue=CLERK_QUEUE,
    task_routes={
        "streaming.drain_frames": FRAMES_QUEUE,
        "streaming.report_alive": FRAMES_QUEUE,
        "xapi.*": ERRANDS_QUEUE,
        "lti.errands.*": ERRANDS_QUEUE,
        "streaming.report_errands": ERRANDS_QUEUE,
    },
    worker_prefetch_multiplier=1,
    worker_enable_remote_control=False,
    worker_send_task_events=False,
    worker_hijack_root_logger=False,
    worker_cancel_long_running_tasks_on_connection_loss=False,
    broker_connection_retry_on_startup=True,
    broker_transport_options={
        "socket_keepalive": True,
        "health_check_interval": 10,
        "socket_connect_timeout": 3,
    },
    beat_schedule={
        "write windows": {
            "task": "streaming.write_windows",
            "schedule": 1.0,
            "options": {"expires": 2},
        },
        "frame worker alive": {
            "task": "streaming.report_alive",
            "schedule": 5.0,
            "options": {"expires": 10},
        },
        "erase what was withdrawn": {
            "task": "rights.erase_withdrawn",
            "schedule": 5.0,
            "options": {"expires": 10},
        },
        "finalise reports": {
            "task": "reports.finalise",
            "schedule": 5.0,
            "options": {"expires": 10},
        },
        "release live figures": {
            "task": "reports.release_live",
            "schedule": 5.0,
            "options": {"expires": 10},
        },
        "purge what has expired": {
            "task": "rights.purge_expired",
            "schedule": 3600.0,
            "options": {"expires": 600},
        },
        # Asked every hour, done once a day: a daily turn would never come where beat is restarted
        # every night.
        "verify the audit log": {
            "task": "rights.verify_audit_log",
            "schedule": 3600.0,
            "options": {"expires": 600},
        },
    },
)
app.autodiscover_tasks()
app.autodiscover_tasks(["fer_lms.streaming.worker"])


@app.on_after_finalize.connect
def schedule_errands(sender: Celery, **_: object) -> None:
    """Not before: the settings are not read yet while this module is imported."""
    if not settings.DEMO:
        sender.conf.beat_schedule["send statements"] = {
            "task": "xapi.send",
            "schedule": 10.0,
            "options": {"expires": 20},
        }
        sender.conf.beat_schedule["errands worker alive"] = {
            "task": "streaming.report_errands",
            "schedule": 5.0,
            "options": {"expires": 10},
        }
        sender.conf.beat_schedule["delete what launches used up"] = {
            "task": "lti.delete_used_up",
            "schedule": 600.0,
            "options": {"expires": 600},
        }
        sender.conf.beat_schedule["synchronise rosters"] = {
            "task": "lti.errands.sync_rosters",
            "schedule": 30.0,
            "options": {"expires": 60},
        }
