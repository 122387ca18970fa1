from celery import shared_task

from fer_lms.xapi import delivery


@shared_task(name="xapi.send", ignore_result=True)
def send() -> None:
    delivery.send_due_statements()
