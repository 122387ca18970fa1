from celery import shared_task

from fer_lms.integrations import delivery


@shared_task(name="integrations.send_webhooks", ignore_result=True)
def send_webhooks() -> None:
    delivery.send_due_deliveries()
