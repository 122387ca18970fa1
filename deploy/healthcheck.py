"""Exit 0 where this container's process is healthy, else 1.

    healthcheck.py web|worker|integrations|beat

The web process is requested over HTTP. Workers and beat serve no requests: they set a key in the
broker Redis every few seconds (fer_lms/streaming/worker/liveness.py), and this checks that it is
there. `beat` covers the aggregation worker too: beat sends the task, the worker sets the key.
"""

import os
import sys
import urllib.request

RENAMED_PROCESSES = {"errands": "integrations"}
"""Names of release 0.1.0."""


def main(process: str) -> int:
    if process in RENAMED_PROCESSES:
        process = replace_renamed_process(process)
    try:
        healthy = is_web_alive() if process == "web" else has_recent_heartbeat(process)
    except OSError:
        healthy = False
    return 0 if healthy else 1


def replace_renamed_process(old: str) -> str:
    """Return the new name of a process; print one line for the old name."""
    new = RENAMED_PROCESSES[old]
    print(f"{old} is deprecated and will be removed: use {new}.", file=sys.stderr)  # noqa: T201
    return new


def is_web_alive() -> bool:
    port = os.environ.get("PORT", "8000")
    with urllib.request.urlopen(f"http://localhost:{port}/healthz", timeout=4) as response:
        return bool(response.status == 200)


def has_recent_heartbeat(process: str) -> bool:
    import redis

    client = redis.Redis.from_url(os.environ["BROKER_REDIS_URL"], socket_timeout=4)
    try:
        return bool(client.exists(f"seen:{process}"))
    except redis.RedisError:
        return False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
