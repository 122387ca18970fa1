import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from fer_lms.consent.models import Consent
from fer_lms.consent.permissions import get_permissions
from fer_lms.engagement.counting import close_window, count_feed, count_observation
from fer_lms.engagement.models import BaselineReset, LearnerBaseline, ObservationWindow
from fer_lms.engagement.observations import WINDOW_SECONDS, Feed, Observation, compute_window_start
from fer_lms.lessons.models import Participant
from fer_lms.policy.queries import lock_inference_policy

WINDOW_GRACE = timedelta(seconds=5)
"""How long after its end a window still takes observations."""

Key = tuple[uuid.UUID, datetime]
COUNTED_FIELDS = [
    field.name
    for field in ObservationWindow._meta.concrete_fields
    if field.name not in ("id", "participant", "start_at", "evaluated_at", "face_counted")
]


@transaction.atomic
def write_windows(*, observations: Sequence[Observation], feeds: Sequence[Feed]) -> int:
    """Count observations and feeds in their windows; returns how many windows changed.

    The policy's row and the consent rows are locked first: the end of a policy or a withdrawal
    either waits for this transaction, and a withdrawal then erases what it wrote, or has
    committed, and then nothing here is written. What was captured before the last change to the
    camera is dropped. Safe to repeat with the same arguments.
    """
    policy = lock_inference_policy()
    if policy is None:
        return 0
    items: list[Observation | Feed] = [*feeds, *observations]
    permissions = get_permissions({item.participant_id for item in items}, policy, lock=True)
    consents = [consent for consent in permissions.values() if consent.permits_scores]
    _erase_taken_back(consents)
    epochs = {consent.participant_id: consent.frames_epoch for consent in consents}
    items = [item for item in items if epochs.get(item.participant_id) == item.epoch]
    windows = _windows_for({_key(item) for item in items})
    for item in items:
        _count(windows[_key(item)], item)
    _store(list(windows.values()))
    return len(windows)


@transaction.atomic
def close_due_windows(*, now: datetime | None = None) -> int:
    """Close every window whose grace is over; returns how many."""
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
    """Delete a participant's windows and baselines up to a consent epoch; returns how many."""
    LearnerBaseline.objects.filter(
        participant_id=participant_id, consent_epoch__lte=through_epoch
    ).delete()
    kept = ObservationWindow.objects.filter(
        participant_id=participant_id, consent_epoch__lte=through_epoch
    )
    deleted, _ = kept.delete()
    return deleted


def request_baseline_reset(*, participant: Participant) -> BaselineReset:
    """The learner begins anew: what was kept is deleted, and only what is seen from now on makes
    a new baseline. A replay makes the old one again out of the windows, while those are kept."""
    now = timezone.now()
    reset = BaselineReset.objects.create(participant=participant, asked_at=now)
    delete_baselines(participant_id=participant.pk, made_before=now)
    return reset


def delete_baselines(*, participant_id: uuid.UUID, made_before: datetime) -> None:
    LearnerBaseline.objects.filter(participant_id=participant_id, from_at__lt=made_before).delete()


def _erase_taken_back(consents: Iterable[Consent]) -> None:
    """What awaits erasure goes before a new yes writes: the ten seconds in which somebody took
    back and agreed again must not carry what was taken back into the new row."""
    for consent in consents:
        if (through := consent.erase_through_epoch) is not None:
            erase_windows(participant_id=consent.participant_id, through_epoch=through)


def _key(item: Observation | Feed) -> Key:
    return item.participant_id, compute_window_start(item.window)


def _windows_for(keys: set[Key]) -> dict[Key, ObservationWindow]:
    """The window of each key: as stored, or new."""
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
        return  # what came too late was settled as lost in flight when the window closed
    window.consent_epoch = max(window.consent_epoch, item.epoch)
    if isinstance(item, Feed):
        count_feed(window, item)
    else:
        count_observation(window, item)


def _store(windows: list[ObservationWindow]) -> None:
    """One upsert for all; without their ids the unique key alone decides which row is meant."""
    for window in windows:
        window.pk = None
    ObservationWindow.objects.bulk_create(
        windows,
        update_conflicts=True,
        unique_fields=["participant", "start_at"],
        update_fields=COUNTED_FIELDS,
    )
