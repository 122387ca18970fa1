from inference.telemetry import disable_telemetry

disable_telemetry()  # before a dependency loads

from fer_lms.celery import app as celery_app  # noqa: E402

__all__ = ["celery_app"]
