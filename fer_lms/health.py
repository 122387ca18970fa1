"""/healthz: this process responds. /readyz: everything needed to serve is available."""

import structlog
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe
from redis.exceptions import RedisError

from fer_lms.audit.queries import is_verification_overdue
from fer_lms.policy.queries import is_inference_permitted
from fer_lms.restarts import read_restarts
from fer_lms.rights.retention import is_purge_overdue
from fer_lms.streaming.web.gateway import list_stuck_tasks
from fer_lms.streaming.wire.redis_roles import get_frames_redis
from fer_lms.streaming.worker.liveness import has_recent_heartbeat

log = structlog.get_logger(__name__)


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "alive"})


@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    restarts = read_restarts(settings.VAR_DIR)
    missing = list(dict.fromkeys([*list_missing_components(), *restarts["stopped"]]))
    if missing:
        log.warning("not_ready", missing=missing)
    body = {
        "status": "not ready" if missing else "ready",
        "missing": missing,
        "warnings": [] if "database" in missing else list_overdue_jobs(),
        "restarts": restarts["counts"],
    }
    return JsonResponse(body, status=503 if missing else 200)


def list_overdue_jobs() -> list[str]:
    """List the periodic jobs that have not finished for too long. A warning: lessons continue."""
    overdue = {"purge": is_purge_overdue, "audit log": is_verification_overdue}
    try:
        return [name for name, is_overdue in overdue.items() if is_overdue()]
    except DatabaseError:
        return ["database without its tables"]


def list_missing_components() -> list[str]:
    """List what is needed and missing, by name; empty when the installation can serve."""
    missing = []
    needs_models = False
    try:
        connection.ensure_connection()
        needs_models = is_inference_permitted()
    except DatabaseError:
        missing.append("database")
    try:
        get_frames_redis().ping()
    except RedisError:
        missing.append("frames redis")
    try:
        needed = ["beat", "worker", "models"] if needs_models else ["beat", "worker"]
        missing += [name for name in needed if not has_recent_heartbeat(name)]
    except RedisError:
        missing.append("broker redis")
    if list_stuck_tasks():
        missing.append("gateway")
    return missing
