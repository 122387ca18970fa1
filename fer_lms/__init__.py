from fer_lms.celery import app as celery_app

__all__ = ["celery_app"]
