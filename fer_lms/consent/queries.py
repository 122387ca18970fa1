import uuid
from collections.abc import Iterable

from fer_lms.consent.models import Consent, ConsentText
from fer_lms.lessons.models import Participant

Texts = dict[str, dict[str, dict[str, object]]]


def current_text_version() -> str:
    return ConsentText.objects.order_by("-version").values_list("version", flat=True)[0]


def texts_of_version(version: str) -> Texts:
    """{locale: {form: body}} of one version."""
    texts: Texts = {}
    for text in ConsentText.objects.filter(version=version):
        texts.setdefault(text.locale, {})[text.form] = text.body
    return texts


def consent_of(participant: Participant) -> Consent:
    """What this participant permits; a row that permits nothing where nothing was ever said."""
    return Consent.objects.filter(participant=participant).first() or Consent(
        participant=participant
    )


def consents_of(participant_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Consent]:
    return {
        consent.participant_id: consent
        for consent in Consent.objects.filter(participant_id__in=list(participant_ids))
    }
