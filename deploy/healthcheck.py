"""Is this container's process well? `healthcheck.py web|worker|errands|beat`; exit 1 where not.

The web process is asked itself. Workers and beat take no questions: they leave a mark in the
broker's Redis every few seconds (fer_lms/streaming/worker/liveness.py), and the mark is looked for.
`beat` answers for the clerk too: beat sends the task, the clerk leaves the mark.
"""

import os
import sys
import urllib.request


def main(who: str) -> int:
    try:
        return 0 if (web_answers() if who == "web" else was_seen(who)) else 1
    except OSError:
        return 1


def web_answers() -> bool:
    port = os.environ.get("PORT", "8000")
    with urllib.request.urlopen(f"http://localhost:{port}/healthz", timeout=4) as answer:
        return bool(answer.status == 200)


def was_seen(who: str) -> bool:
    import redis

    client = redis.Redis.from_url(os.environ["BROKER_REDIS_URL"], socket_timeout=4)
    try:
        return bool(client.exists(f"seen:{who}"))
    except redis.RedisError:
        return False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
