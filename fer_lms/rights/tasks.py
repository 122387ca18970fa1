from celery import shared_task

from fer_lms.audit.actions import check_chain_daily
from fer_lms.rights import actions, retention


@shared_task(name="rights.erase_withdrawn", ignore_result=True)
def erase_withdrawn() -> None:
    actions.erase_withdrawn_readings()


@shared_task(name="rights.purge_expired", ignore_result=True)
def purge_expired() -> None:
    retention.purge_expired()


@shared_task(name="rights.verify_audit_log", ignore_result=True)
def verify_audit_log() -> None:
    check_chain_daily()
