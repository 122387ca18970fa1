"""Writes of windows and baselines, each in one transaction."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from fer_lms.consent.models import Consent
from fer_lms.consent.permissions import get_permissions
from fer_lms.engagement.baseline import Baseline
from fer_lms.engagement.counting import close_window, count_feed, count_observation
from fer_lms.engagement.models import BaselineReset, LearnerBaseline, ObservationWindow
from fer_lms.engagement.observations import (
    WINDOW_GRACE,
    WINDOW_SECONDS,
    Feed,
    Observation,
    compute_window_start,
)
from fer_lms.lessons.models import Participant
from fer_lms.policy.queries import lock_inference_policy

WindowKey = tuple[uuid.UUID, datetime]
COUNTED_FIELDS = [
    field.name
    for field in ObservationWindow._meta.concrete_fields
    if field.name not in ("id", "participant", "start_at", "evaluated_at", "face_counted")
]
BASELINE_FIELDS = (
    "consent_epoch",
    "seen_seconds",
    "readings",
    "sign_sums",
    "sign_square_sums",
    "scored",
    "negative_sum",
)


@transaction.atomic
def write_windows(*, observations: Sequence[Observation], feeds: Sequence[Feed]) -> int:
    """Count observations and feeds in their windows. Idempotent.

    Policy and consent rows are locked first. A withdrawal therefore either waits for this
    transaction and erases what it wrote, or has committed, and nothing is written. Frames captured
    under an older consent epoch are dropped.

    Returns:
        The number of windows written.
    """
    policy = lock_inference_policy()
    if policy is None:
        return 0
    items: list[Observation | Feed] = [*feeds, *observations]
    permissions = get_permissions({item.participant_id for item in items}, policy, lock=True)
    consents = [consent for consent in permissions.values() if consent.permits_scores]
    _erase_withdrawn_windows(consents)
    epochs = {consent.participant_id: consent.frames_epoch for consent in consents}
    items = [item for item in items if epochs.get(item.participant_id) == item.epoch]
    windows = _load_windows({_get_window_key(item) for item in items})
    for item in items:
        _count(windows[_get_window_key(item)], item)
    _store(list(windows.values()))
    return len(windows)


@transaction.atomic
def close_due_windows(*, now: datetime | None = None) -> int:
    """Close every window whose grace is over, and return their number."""
    ended = (now or timezone.now()) - timedelta(seconds=WINDOW_SECONDS) - WINDOW_GRACE
    due = ObservationWindow.objects.select_for_update().filter(
        state=ObservationWindow.State.PROVISIONAL, start_at__lte=ended
    )
    windows = list(due)
    for window in windows:
        close_window(window)
    _store(windows)
    return len(windows)


def erase_windows(*, participant_id: uuid.UUID, through_epoch: int) -> int:
    """Delete windows and baselines up to a consent epoch; return the number of windows."""
    LearnerBaseline.objects.filter(
        participant_id=participant_id, consent_epoch__lte=through_epoch
    ).delete()
    kept = ObservationWindow.objects.filter(
        participant_id=participant_id, consent_epoch__lte=through_epoch
    )
    deleted, _ = kept.delete()
    return deleted


def request_baseline_reset(*, participant: Participant) -> BaselineReset:
    """Delete a learner's baselines, and calibrate again from the next window on.

    A replay recomputes the old baseline from the stored windows.
    """
    now = timezone.now()
    reset = BaselineReset.objects.create(participant=participant, asked_at=now)
    delete_baselines(participant_id=participant.pk, made_before=now)
    return reset


def delete_baselines(*, participant_id: uuid.UUID, made_before: datetime) -> None:
    LearnerBaseline.objects.filter(participant_id=participant_id, from_at__lt=made_before).delete()


def store_baselines(baselines: Mapping[uuid.UUID, Baseline], *, lifetime: timedelta) -> None:
    """Store complete baselines by participant; stored ones stay, older ones are retired."""
    rows = [_build_baseline_row(pk, baseline, lifetime) for pk, baseline in baselines.items()]
    for row in rows:
        LearnerBaseline.objects.filter(
            participant_id=row.participant_id, from_at__lt=row.from_at, retired_at=None
        ).update(retired_at=row.until_at)
    LearnerBaseline.objects.bulk_create(rows, ignore_conflicts=True)


def _build_baseline_row(
    participant_id: uuid.UUID, baseline: Baseline, lifetime: timedelta
) -> LearnerBaseline:
    until = datetime.fromtimestamp(baseline.until, tz=UTC)
    return LearnerBaseline(
        participant_id=participant_id,
        from_at=datetime.fromtimestamp(baseline.from_start or 0, tz=UTC),
        until_at=until,
        expires_at=until + lifetime,
        **{name: getattr(baseline, name) for name in BASELINE_FIELDS},
    )


def _erase_withdrawn_windows(consents: Iterable[Consent]) -> None:
    """Erase withdrawn windows before a new consent writes to the same ten seconds."""
    for consent in consents:
        if (through := consent.erase_through_epoch) is not None:
            erase_windows(participant_id=consent.participant_id, through_epoch=through)


def _get_window_key(item: Observation | Feed) -> WindowKey:
    return item.participant_id, compute_window_start(item.window)


def _load_windows(keys: set[WindowKey]) -> dict[WindowKey, ObservationWindow]:
    """Return the window of each key, stored or new."""
    stored = ObservationWindow.objects.select_for_update().filter(
        participant_id__in={participant_id for participant_id, _ in keys},
        start_at__in={start_at for _, start_at in keys},
    )
    windows = {(window.participant_id, window.start_at): window for window in stored}
    for participant_id, start_at in keys - windows.keys():
        windows[participant_id, start_at] = ObservationWindow(
            participant_id=participant_id, start_at=start_at, consent_epoch=0
        )
    return {key: windows[key] for key in keys}


def _count(window: ObservationWindow, item: Observation | Feed) -> None:
    if window.state == ObservationWindow.State.CLOSED:
        return  # closing counted the late ones as lost in flight
    window.consent_epoch = max(window.consent_epoch, item.epoch)
    if isinstance(item, Feed):
        count_feed(window, item)
    else:
        count_observation(window, item)


def _store(windows: list[ObservationWindow]) -> None:
    """Upsert by the unique key (participant, start), for which the ids have to be unset."""
    for window in windows:
        window.pk = None
    ObservationWindow.objects.bulk_create(
        windows,
        update_conflicts=True,
        unique_fields=["participant", "start_at"],
        update_fields=COUNTED_FIELDS,
    )
