"""Names of Celery queues and tasks, and the names of release 0.1.0 that still work.

Messages that 0.1.0 queued are executed after an upgrade: workers also consume the old queues, and
old task names run the new tasks. The two `RENAMED_…` tables are removed one release later.
"""

from typing import Final

FRAMES: Final = "frames"
"""Consumed by workers that hold the models."""
AGGREGATION: Final = "aggregation"
"""Consumed by one single-threaded worker that writes windows, reports and erasures."""
INTEGRATIONS: Final = "integrations"
"""Consumed by a worker that sends requests to other servers: rosters, xAPI statements."""

RENAMED_QUEUES: Final = {"clerk": AGGREGATION, "errands": INTEGRATIONS}
RENAMED_TASKS: Final = {
    "lti.delete_used_up": "lti.delete_expired",
    "lti.errands.sync_rosters": "lti.sync_rosters",
    "streaming.report_errands": "streaming.report_integrations",
}


def list_consumed_queues(queue: str) -> list[str]:
    """Return the queue and its names in release 0.1.0."""
    return [queue, *(old for old, new in RENAMED_QUEUES.items() if new == queue)]
