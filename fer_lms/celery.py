"""The Celery application.

A message is a notification that work is waiting; it never contains a frame or the only copy of any
data. Lost notifications are sent again, by the next frame or by beat. Messages are therefore
acknowledged early, expire, and are not redelivered.
"""

import os
from typing import Any

from celery import Celery
from celery.signals import celeryd_after_setup
from django.conf import settings

from fer_lms.environment import print_deprecation
from fer_lms.queues import AGGREGATION, FRAMES, INTEGRATIONS, RENAMED_QUEUES, RENAMED_TASKS

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fer_lms.settings")


def _every(seconds: float, task: str, *, expires: float) -> dict[str, Any]:
    return {"task": task, "schedule": seconds, "options": {"expires": expires}}


app = Celery("fer_lms")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    accept_content=["json"],
    task_ignore_result=True,
    task_default_queue=AGGREGATION,
    task_routes={
        "streaming.drain_frames": FRAMES,
        "streaming.report_alive": FRAMES,
        "streaming.report_integrations": INTEGRATIONS,
        "xapi.*": INTEGRATIONS,
        "integrations.*": INTEGRATIONS,
        "lti.sync_rosters": INTEGRATIONS,
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
        "write windows": _every(1, "streaming.write_windows", expires=2),
        "report that the frame worker is alive": _every(5, "streaming.report_alive", expires=10),
        "erase withdrawn data": _every(5, "rights.erase_withdrawn", expires=10),
        "end due sessions": _every(5, "reports.end_due_sessions", expires=10),
        "finalise reports": _every(5, "reports.finalise", expires=10),
        "release live metrics": _every(5, "reports.release_live", expires=10),
        "purge expired data": _every(3600, "rights.purge_expired", expires=600),
        # Queued every hour and done once a day: a daily schedule would never fire if beat is
        # restarted every night.
        "verify the audit log": _every(3600, "rights.verify_audit_log", expires=600),
    },
)
app.autodiscover_tasks()
app.autodiscover_tasks(["fer_lms.streaming.worker"])


@app.on_after_finalize.connect
def schedule_integrations(sender: Celery, **_: object) -> None:
    """Add the schedule of a demonstration, or of the integrations worker, which it does not run.

    Settings cannot be read while this module is imported.
    """
    if settings.DEMO:
        sender.conf.beat_schedule |= {
            "continue the simulated class": _every(10, "demo.continue_class", expires=10),
        }
    else:
        sender.conf.beat_schedule |= {
            "send statements": _every(10, "xapi.send", expires=20),
            "send webhooks": _every(10, "integrations.send_webhooks", expires=20),
            "report that the integrations worker is alive": _every(
                5, "streaming.report_integrations", expires=10
            ),
            "delete expired launch data": _every(600, "lti.delete_expired", expires=600),
            "synchronise rosters": _every(30, "lti.sync_rosters", expires=60),
        }


def _register_renamed_task(old: str, new: str) -> None:
    @app.task(name=old)
    def run_renamed_task(*args: Any, **kwargs: Any) -> None:
        app.tasks[new](*args, **kwargs)


for _old, _new in RENAMED_TASKS.items():
    _register_renamed_task(_old, _new)


@celeryd_after_setup.connect
def consume_renamed_queues(instance: Any, **_: object) -> None:
    """Consume the new queue in a worker that was started with `-Q clerk` or `-Q errands`."""
    queues = instance.app.amqp.queues
    for old in RENAMED_QUEUES.keys() & queues.consume_from.keys():
        new = RENAMED_QUEUES[old]
        queues.select_add(new)
        print_deprecation(f"-Q {old}", f"-Q {new}")
