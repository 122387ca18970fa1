from datetime import datetime

from django.db.models import F, Q, QuerySet, Sum
from django.utils import timezone

from fer_lms.engagement.models import BaselineReset, LearnerBaseline, ObservationWindow
from fer_lms.lessons.models import LessonSession, Participant
from fer_lms.lessons.queries import filter_real_students

AWAITS_ERASURE = Q(participant__consent__erase_through_epoch__gte=F("consent_epoch"))


def list_class_windows(session: LessonSession) -> QuerySet[ObservationWindow]:
    """Windows of a sitting's learners, without what a withdrawal has taken back already."""
    return (
        ObservationWindow.objects.filter(filter_real_students(), participant__session=session)
        .exclude(AWAITS_ERASURE)
        .order_by("start_at", "participant_id")
    )


def list_learner_windows(participant: Participant) -> QuerySet[ObservationWindow]:
    """One learner's own windows in time order, provisional ones too."""
    return ObservationWindow.objects.filter(participant=participant).exclude(AWAITS_ERASURE)


def list_windows_before(event: datetime) -> QuerySet[ObservationWindow]:
    return ObservationWindow.objects.filter(start_at__lt=event)


def get_current_baseline(participant: Participant) -> LearnerBaseline | None:
    """The one that holds now: not expired, of the consent that holds, and not asked to go."""
    baselines = LearnerBaseline.objects.filter(
        participant=participant,
        retired_at=None,
        expires_at__gt=timezone.now(),
        consent_epoch=F("participant__consent__frames_epoch"),
    )
    return baselines.order_by("-from_at").first()


def count_baseline_seconds(participant: Participant) -> int:
    """Usable seconds, of the windows that a baseline is being made of."""
    newest = participant.baseline_resets.order_by("asked_at").last()
    windows = list_learner_windows(participant).filter(
        consent_epoch=F("participant__consent__frames_epoch"), sign_count__gt=0
    )
    if newest is not None:
        windows = windows.filter(start_at__gte=newest.asked_at)
    return windows.aggregate(seconds=Sum("seen_seconds"))["seconds"] or 0


def list_baselines_before(event: datetime) -> QuerySet[LearnerBaseline]:
    return LearnerBaseline.objects.filter(from_at__lt=event)


def list_resets_before(event: datetime) -> QuerySet[BaselineReset]:
    return BaselineReset.objects.filter(asked_at__lt=event)


def has_open_windows(session: LessonSession) -> bool:
    return ObservationWindow.objects.filter(
        participant__session=session, state=ObservationWindow.State.PROVISIONAL
    ).exists()
