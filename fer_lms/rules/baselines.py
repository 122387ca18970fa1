"""The baseline in force is kept with the sitting."""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from fer_lms.engagement.baseline import Baseline
from fer_lms.engagement.models import LearnerBaseline
from fer_lms.rules.effective_settings import get_current_weights


def store_baselines(made: Sequence[tuple[uuid.UUID, Baseline | None]]) -> None:
    """Keep those that are ready; one that is kept already stays as it is, older ones retire."""
    rows = [_row(participant_id, each) for participant_id, each in made if each and each.ready]
    for row in rows:
        LearnerBaseline.objects.filter(
            participant_id=row.participant_id, from_at__lt=row.from_at, retired_at=None
        ).update(retired_at=row.until_at)
    LearnerBaseline.objects.bulk_create(rows, ignore_conflicts=True)


def _row(participant_id: uuid.UUID, baseline: Baseline) -> LearnerBaseline:
    until = datetime.fromtimestamp(baseline.until, tz=UTC)
    return LearnerBaseline(
        participant_id=participant_id,
        consent_epoch=baseline.epoch,
        from_at=datetime.fromtimestamp(baseline.from_start or 0, tz=UTC),
        until_at=until,
        expires_at=until + timedelta(hours=get_current_weights().baseline_hours),
        seen_seconds=baseline.seen_seconds,
        readings=baseline.readings,
        sign_sums=baseline.sign_sums,
        sign_square_sums=baseline.square_sums,
        scored=baseline.scored,
        negative_sum=baseline.negative_sum,
    )
