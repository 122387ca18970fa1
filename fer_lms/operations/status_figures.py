"""Figures of the status page: frames, delays, losses, coverage and queues of the installation.

Frames and delays are counted by this web process since it started, as `/metrics` exports them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import Any

import redis
from django.db.models import Avg
from django.db.models.functions import TruncHour
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext
from prometheus_client import REGISTRY

from fer_lms.engagement.models import ObservationWindow
from fer_lms.number_text import format_number, format_percent
from fer_lms.queues import AGGREGATION, FRAMES, INTEGRATIONS
from fer_lms.streaming.wire.observation_log import STREAM
from fer_lms.streaming.wire.redis_roles import get_broker_redis, get_frames_redis
from fer_lms.streaming.wire.slots import READY_KEY

LATENCY = "django_http_requests_latency_including_middlewares_seconds"
COVERAGE_HOURS = 24
WINDOW_S = 10


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of a plot.

    Attributes:
        label: What was measured.
        value: As text with its unit.
        length: 0..100, relative to the longest bar of the plot or to its scale.
    """

    label: str
    value: str
    length: float


@dataclass(frozen=True, slots=True)
class Plot:
    title: str
    summary: str
    bars: list[Bar]


def list_plots() -> list[Plot]:
    return [
        _plot_frames(),
        _plot_losses(),
        _plot_delays(),
        _plot_coverage(),
        _plot_queues(),
    ]


def _build_bars(rows: Iterable[tuple[str, float]]) -> list[Bar]:
    rows = list(rows)
    longest = max((value for _, value in rows), default=0) or 1
    return [Bar(name, format_number(value), 100 * value / longest) for name, value in rows]


def _read_samples(name: str) -> Iterator[tuple[dict[str, str], float]]:
    """Yield labels and value of each sample with this name."""
    for family in REGISTRY.collect():
        for sample in family.samples:
            if sample.name == name:
                yield sample.labels, sample.value


def _sum_by(name: str, label: str) -> dict[str, float]:
    totals: dict[str, float] = {}
    for labels, value in _read_samples(name):
        key = labels.get(label, "")
        totals[key] = totals.get(key, 0) + value
    return totals


def _plot_frames() -> Plot:
    accepted = sum(_sum_by("fer_frames_accepted_total", "").values())
    fates = _sum_by("fer_frames_resolved_total", "fate")
    refused = sum(_sum_by("fer_frames_refused_total", "reason").values())
    processed = fates.pop("processed", 0)
    rows = [
        (gettext("accepted"), accepted),
        (gettext("read"), processed),
        (gettext("accepted and not read"), sum(fates.values())),
        (gettext("refused"), refused),
    ]
    text = gettext("Of %(accepted)s accepted pictures, %(read)s were read.")
    summary = text % {"accepted": format_number(accepted), "read": format_number(processed)}
    return Plot(gettext("Pictures since the start"), summary, _build_bars(rows))


def _plot_losses() -> Plot:
    losses = _sum_by("fer_frames_resolved_total", "fate")
    losses.pop("processed", None)
    for name in ("fer_frames_refused_total", "fer_client_drops_total"):
        for reason, count in _sum_by(name, "reason").items():
            losses[reason] = losses.get(reason, 0) + count
    rows = sorted(losses.items(), key=lambda row: -row[1])
    texts = get_loss_texts()
    lost = sum(losses.values())
    summary = gettext("%(count)s pictures were lost, refused or not sent.") % {
        "count": format_number(lost)
    }
    return Plot(
        gettext("Losses by reason"),
        summary,
        _build_bars((texts.get(reason, reason), count) for reason, count in rows),
    )


def get_loss_texts() -> dict[str, str]:
    """Return the words for each reason why a picture was refused, lost or not sent."""
    return {
        "bad_header": gettext("invalid header"),
        "bad_seq": gettext("wrong order"),
        "bad_jpeg": gettext("no valid picture"),
        "rate_limited": gettext("too many in a second"),
        "not_permitted": gettext("no consent, or not permitted by the policy"),
        "permission_unknown": gettext("consent could not be looked up"),
        "superseded": gettext("replaced by a newer picture"),
        "expired": gettext("waited too long"),
        "lost_in_flight": gettext("no answer from a worker"),
        "late": gettext("too late for its ten seconds"),
        "rejected": gettext("refused by a worker"),
        "busy": gettext("not sent: the connection was busy"),
        "hidden": gettext("not sent: the page was not visible"),
    }


def _plot_delays() -> Plot:
    """Plot the distribution of the delays of requests, from cumulative buckets."""
    buckets = _sum_by(f"{LATENCY}_bucket", "le")
    bounds = sorted(buckets, key=float)
    counts = [0.0, *(buckets[bound] for bound in bounds)]
    rows = [
        (gettext("up to %(seconds)s s") % {"seconds": bound}, after - before)
        for bound, (before, after) in zip(bounds, pairwise(counts), strict=True)
        if bound != "+Inf"
    ]
    total = counts[-1]
    within = max((count for bound, count in buckets.items() if float(bound) <= 1), default=0)
    text = gettext("%(count)s requests; %(within)s of them took at most one second.")
    summary = text % {"count": format_number(total), "within": format_number(within)}
    return Plot(gettext("Delays of answers"), summary, _build_bars(row for row in rows if row[1]))


def _plot_coverage() -> Plot:
    """Plot how much of the camera's time a face was visible, of the whole installation."""
    since = timezone.now() - timedelta(hours=COVERAGE_HOURS)
    hours = (
        ObservationWindow.objects.filter(start_at__gte=since)
        .annotate(hour=TruncHour("start_at"))
        .values("hour")
        .annotate(seen=Avg("seen_seconds"))
        .order_by("hour")
    )
    bars = []
    for row in hours:
        share = 100 * row["seen"] / WINDOW_S
        name = date_format(localtime(row["hour"]), "SHORT_DATETIME_FORMAT")
        bars.append(Bar(name, format_percent(share / 100), share))
    summary = (
        gettext("How much of the time a face was visible while a camera was on, by hour.")
        if bars
        else gettext("No camera was on in the last 24 hours.")
    )
    return Plot(gettext("Visible time"), summary, bars)


def _plot_queues() -> Plot:
    try:
        ages = [
            (gettext("oldest picture that waits"), _get_slot_age_s()),
            (gettext("oldest numbers that wait"), _get_stream_age_s()),
        ]
        lengths = _list_queue_lengths()
    except redis.RedisError:
        summary = gettext("Redis does not answer: see “Ready for learners?”.")
        return Plot(gettext("Queues"), summary, [])
    longest = max([age for _, age in ages] + [1.0])
    bars = [
        Bar(
            name, gettext("%(seconds)s s") % {"seconds": format_number(age, 1)}, 100 * age / longest
        )
        for name, age in ages
    ]
    bars += _build_bars(lengths)
    text = gettext("The oldest entry waits for %(age)s seconds.")
    oldest = max(age for _, age in ages)
    return Plot(gettext("Queues"), text % {"age": format_number(oldest, 1)}, bars)


def _get_slot_age_s() -> float:
    """Return how long the oldest unread frame has waited."""
    oldest: Any = get_frames_redis().zrange(READY_KEY, 0, 0, withscores=True)
    return max(0.0, timezone.now().timestamp() - oldest[0][1] / 1000) if oldest else 0.0


def _get_stream_age_s() -> float:
    """Return the age of the oldest entry of the observation log, from its id."""
    oldest: Any = get_broker_redis().xrange(STREAM, count=1)
    if not oldest:
        return 0.0
    milliseconds = int(oldest[0][0].decode().split("-")[0])
    return max(0.0, timezone.now().timestamp() - milliseconds / 1000)


def _list_queue_lengths() -> list[tuple[str, float]]:
    client: Any = get_broker_redis()
    return [
        (gettext("tasks that wait: %(queue)s") % {"queue": queue}, float(client.llen(queue)))
        for queue in (FRAMES, AGGREGATION, INTEGRATIONS)
    ]
