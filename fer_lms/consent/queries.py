import uuid
from collections.abc import Collection
from typing import Any

from fer_lms.consent.models import Consent, ConsentText
from fer_lms.lessons.models import Participant
from fer_lms.policy.queries import retention_days

Texts = dict[str, dict[str, dict[str, Any]]]


def current_text_version() -> str:
    """The version that was added last."""
    return ConsentText.objects.order_by("-id").values_list("version", flat=True)[0]


def texts_of_version(version: str) -> Texts:
    """{locale: {form: body}} of one version, as it is shown: with the days that hold here."""
    texts: Texts = {}
    days = str(retention_days())
    for text in ConsentText.objects.filter(version=version):
        texts.setdefault(text.locale, {})[text.form] = _filled(text.body, days)
    return texts


def _filled(body: dict[str, Any], days: str) -> dict[str, Any]:
    points = [
        point | {"body": point["body"].replace("{kept_days}", days)} for point in body["points"]
    ]
    return body | {"points": points}


def consent_of(participant: Participant) -> Consent:
    """What this participant permits; a row that permits nothing where nothing was ever said."""
    return Consent.objects.filter(participant=participant).first() or Consent(
        participant=participant
    )


def epochs_permitting_frames(participant_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, int]:
    """The consent epoch of each of these who permits that pictures are looked at."""
    permitting = Consent.objects.filter(
        participant_id__in=participant_ids, capture=True, server_processing=True
    )
    return dict(permitting.values_list("participant_id", "epoch"))
