"""When the purge last came to its end, and when the audit log was last found whole, asked of the
database when Prometheus asks us."""

from collections.abc import Iterator
from datetime import datetime

from django.db import DatabaseError
from prometheus_client import REGISTRY
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from fer_lms.audit.queries import last_verified_at, verification_is_overdue
from fer_lms.rights.retention import last_purge_at, purge_is_overdue


class LastSuccessCollector(Collector):
    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Names only: nothing is asked of the database while the process starts."""
        yield from _purge(None, False)
        yield from _audit_log(None, False)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        try:
            yield from _purge(last_purge_at(), purge_is_overdue())
            yield from _audit_log(last_verified_at(), verification_is_overdue())
        except DatabaseError:
            return  # /readyz says that; the other figures are still given


def _purge(last: datetime | None, overdue: bool) -> Iterator[GaugeMetricFamily]:
    yield GaugeMetricFamily(
        "fer_purge_last_success_timestamp_seconds",
        "When the retention purge last came to its end; 0: never",
        value=_seconds(last),
    )
    yield GaugeMetricFamily(
        "fer_purge_overdue", "1: no purge came to its end for a day", value=float(overdue)
    )


def _audit_log(last: datetime | None, overdue: bool) -> Iterator[GaugeMetricFamily]:
    yield GaugeMetricFamily(
        "fer_audit_last_verified_timestamp_seconds",
        "When the audit log's chain was last found whole; 0: never",
        value=_seconds(last),
    )
    yield GaugeMetricFamily(
        "fer_audit_verification_overdue",
        "1: the audit log was not found whole for two days",
        value=float(overdue),
    )


def _seconds(moment: datetime | None) -> float:
    return moment.timestamp() if moment else 0.0


def register() -> None:
    REGISTRY.register(LastSuccessCollector())
