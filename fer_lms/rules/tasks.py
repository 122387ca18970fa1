from datetime import datetime

from celery import shared_task

from fer_lms.rules.live_evaluation import evaluate_due


@shared_task(name="rules.evaluate", ignore_result=True)
def evaluate(until: str) -> None:
    """Evaluate the rules up to an ISO time, up to which all windows are closed."""
    evaluate_due(until=datetime.fromisoformat(until))
