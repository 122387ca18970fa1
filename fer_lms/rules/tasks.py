from datetime import datetime

from celery import shared_task

from fer_lms.rules.live_evaluation import evaluate_due


@shared_task(name="rules.evaluate", ignore_result=True)
def evaluate(until: str) -> None:
    """All windows that close up to this time are closed: let the rules look."""
    evaluate_due(until=datetime.fromisoformat(until))
