"""Prometheus metrics of the purge and the audit chain, read from the database at each scrape."""

from collections.abc import Iterator
from datetime import datetime

from django.db import DatabaseError
from prometheus_client import REGISTRY
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from fer_lms.audit.queries import get_last_verified_at, is_verification_overdue
from fer_lms.rights.retention import get_last_purge_at, is_purge_overdue


class LastSuccessCollector(Collector):
    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Yield names only: the database is not read while the process starts."""
        yield from _build_purge_metrics(None, False)
        yield from _build_audit_metrics(None, False)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        try:
            yield from _build_purge_metrics(get_last_purge_at(), is_purge_overdue())
            yield from _build_audit_metrics(get_last_verified_at(), is_verification_overdue())
        except DatabaseError:
            return  # /readyz reports it; the other metrics are still exported


def _build_purge_metrics(last: datetime | None, overdue: bool) -> Iterator[GaugeMetricFamily]:
    yield GaugeMetricFamily(
        "fer_purge_last_success_timestamp_seconds",
        "Time of the last completed retention purge; 0: never",
        value=_to_seconds(last),
    )
    yield GaugeMetricFamily(
        "fer_purge_overdue", "1: no purge completed for a day", value=float(overdue)
    )


def _build_audit_metrics(last: datetime | None, overdue: bool) -> Iterator[GaugeMetricFamily]:
    yield GaugeMetricFamily(
        "fer_audit_last_verified_timestamp_seconds",
        "Time of the last successful verification of the audit chain; 0: never",
        value=_to_seconds(last),
    )
    yield GaugeMetricFamily(
        "fer_audit_verification_overdue",
        "1: the audit chain was not verified for two days",
        value=float(overdue),
    )


def _to_seconds(time: datetime | None) -> float:
    return time.timestamp() if time else 0.0


def register_collector() -> None:
    REGISTRY.register(LastSuccessCollector())
