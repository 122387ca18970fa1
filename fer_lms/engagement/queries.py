"""Reads of windows and baselines."""

from datetime import datetime
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db.models import F, Q, QuerySet, Sum
from django.utils import timezone

from fer_lms.engagement.models import BaselineReset, LearnerBaseline, ObservationWindow
from fer_lms.engagement.weights import Weights, parse_weights
from fer_lms.lessons.models import LessonSession, Participant

AWAITS_ERASURE = Q(participant__consent__erase_through_epoch__gte=F("consent_epoch"))
"""Withdrawn, and not erased yet."""


def list_learner_windows(participant: Participant) -> QuerySet[ObservationWindow]:
    """Return one learner's windows in time order, provisional ones included."""
    return ObservationWindow.objects.filter(participant=participant).exclude(AWAITS_ERASURE)


def list_windows_before(cutoff: datetime) -> QuerySet[ObservationWindow]:
    return ObservationWindow.objects.filter(start_at__lt=cutoff)


def get_current_baseline(participant: Participant) -> LearnerBaseline | None:
    """Return the baseline of the current consent that has neither expired nor been replaced."""
    baselines = LearnerBaseline.objects.filter(
        participant=participant,
        retired_at=None,
        expires_at__gt=timezone.now(),
        consent_epoch=F("participant__consent__frames_epoch"),
    )
    return baselines.order_by("-from_at").first()


def count_baseline_seconds(participant: Participant) -> int:
    """Return the seen seconds of the windows that the next baseline is calibrated from."""
    newest = participant.baseline_resets.order_by("asked_at").last()
    windows = list_learner_windows(participant).filter(
        consent_epoch=F("participant__consent__frames_epoch"), sign_count__gt=0
    )
    if newest is not None:
        windows = windows.filter(start_at__gte=newest.asked_at)
    return windows.aggregate(seconds=Sum("seen_seconds"))["seconds"] or 0


def list_baselines_before(cutoff: datetime) -> QuerySet[LearnerBaseline]:
    return LearnerBaseline.objects.filter(from_at__lt=cutoff)


def list_resets_before(cutoff: datetime) -> QuerySet[BaselineReset]:
    return BaselineReset.objects.filter(asked_at__lt=cutoff)


def has_open_windows(session: LessonSession) -> bool:
    return ObservationWindow.objects.filter(
        participant__session=session, state=ObservationWindow.State.PROVISIONAL
    ).exists()


def get_current_weights() -> Weights:
    """Return the weights of the evidence formulas by the settings."""
    return _parse_weights(tuple(sorted(settings.EVIDENCE_WEIGHTS.items())))


@lru_cache(maxsize=4)
def _parse_weights(overrides: tuple[tuple[str, Any], ...]) -> Weights:
    return parse_weights(dict(overrides))
