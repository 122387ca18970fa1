"""When the purge last came to its end, asked of the database when Prometheus asks us."""

from collections.abc import Iterator

from django.db import DatabaseError
from prometheus_client import REGISTRY
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from fer_lms.rights.retention import last_purge_at, purge_is_overdue


class PurgeCollector(Collector):
    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Names only: nothing is asked of the database while the process starts."""
        yield from self._families(0.0, 0.0)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        try:
            last = last_purge_at()
            yield from self._families(last.timestamp() if last else 0.0, float(purge_is_overdue()))
        except DatabaseError:
            return  # /readyz says that; the other figures are still given

    def _families(self, last: float, overdue: float) -> Iterator[GaugeMetricFamily]:
        yield GaugeMetricFamily(
            "fer_purge_last_success_timestamp_seconds",
            "When the retention purge last came to its end; 0: never",
            value=last,
        )
        yield GaugeMetricFamily(
            "fer_purge_overdue", "1: no purge came to its end for a day", value=overdue
        )


def register() -> None:
    REGISTRY.register(PurgeCollector())
