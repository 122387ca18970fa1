from celery import shared_task

from fer_lms.demo import live_class


@shared_task(name="demo.continue_class", ignore_result=True)
def continue_class() -> None:
    live_class.continue_class()
