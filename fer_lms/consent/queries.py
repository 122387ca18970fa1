from typing import Any

from fer_lms.consent.models import GRANTS, Consent, ConsentText, GuardianConsent
from fer_lms.consent.permissions import (
    get_active_consent,
    list_shared_consents,
    permits_face_evidence,
)
from fer_lms.consent.texts import load_hint_point
from fer_lms.lessons.models import Participant
from fer_lms.lessons.queries import list_supporters
from fer_lms.people.models import User
from fer_lms.policy.queries import get_disclosed_policy, get_inference_policy, get_min_group_size

Texts = dict[str, dict[str, dict[str, Any]]]
"""{locale: {form: body}}"""
DisclosedTerms = dict[str, int]


def get_current_text_version() -> str:
    """Return the version that was added last."""
    return ConsentText.objects.order_by("-id").values_list("version", flat=True)[0]


def get_disclosed_terms() -> DisclosedTerms:
    """Return the numbers that the consent text contains now."""
    policy = get_disclosed_policy()
    return {"kept_days": policy.kept_days, "small_group": get_min_group_size(policy)}


def get_texts(version: str, terms: DisclosedTerms | None = None) -> Texts:
    """Return one version in every language and form, with these terms or the current ones.

    Where the policy permits faces in hints, one more point says so: the texts promise figures of
    the whole class only.
    """
    texts: Texts = {}
    are_faces_in_hints = permits_face_evidence(get_inference_policy())
    numbers = {
        f"{{{name}}}": str(number) for name, number in (terms or get_disclosed_terms()).items()
    }
    for text in ConsentText.objects.filter(version=version):
        points = [
            point | {"body": _insert_terms(point["body"], numbers)} for point in text.body["points"]
        ]
        if are_faces_in_hints:
            points += load_hint_point(text.locale, text.form)
        texts.setdefault(text.locale, {})[text.form] = text.body | {"points": points}
    return texts


def _insert_terms(text: str, numbers: dict[str, str]) -> str:
    for name, number in numbers.items():
        text = text.replace(name, number)
    return text


def get_text_for_reader(
    version: str, language: str, *, easy: bool, terms: DisclosedTerms | None = None
) -> dict[str, Any]:
    """Return the text in the reader's language, else in English, else in any."""
    texts = get_texts(version, terms)
    forms = texts.get(language) or texts.get(language.split("-")[0]) or texts.get("en")
    forms = forms or next(iter(texts.values()))
    return forms["easy" if easy and "easy" in forms else "standard"]


def get_consent(participant: Participant) -> Consent:
    """Return the stored answers, or an unsaved row that permits nothing."""
    stored = Consent.objects.filter(participant=participant).first()
    return stored or Consent(participant=participant)


def get_consent_status(participant: Participant) -> dict[str, Any]:
    """Return a learner's active grants, and those that wait for a guardian."""
    stored, active = get_consent(participant), get_active_consent(participant)
    granted = {grant: getattr(active, grant) for grant in GRANTS}
    guardian_consent = get_guardian_request(participant.user)
    stale = stored.state == "granted" or (
        stored.state == "pending_guardian" and not is_current_answer(stored)
    )
    return {
        "granted": granted,
        "state": stored.state if any(granted.values()) or not stale else "none",
        "ask_again": stale and not any(granted.values()),
        "guardian": guardian_consent.state if guardian_consent else None,
        "awaiting": stored.awaiting_guardian,
    }


def list_named_supporters(participant: Participant) -> list[dict[str, Any]]:
    """Return who is named to support this learner, and who may see this session now."""
    return [
        {
            "id": link.pk,
            "name": link.supporter.staff_display_name,
            "sees": list_shared_consents(link).filter(participant=participant).exists(),
        }
        for link in list_supporters(participant)
    ]


def get_guardian_request(person: User) -> GuardianConsent | None:
    """Return the newest request to this person's guardian about the current text."""
    return (
        GuardianConsent.objects.filter(person=person, text_version=get_current_text_version())
        .exclude(state=GuardianConsent.State.REPLACED)
        .order_by("-asked_at")
        .first()
    )


def is_current_answer(answer: Consent | GuardianConsent) -> bool:
    """Return whether it is about the current text, with terms that cover the current ones."""
    if answer.kept_days is None or answer.small_group is None:
        return False
    terms = get_disclosed_terms()
    is_covered = (
        answer.kept_days >= terms["kept_days"] and answer.small_group <= terms["small_group"]
    )
    return is_covered and answer.text_version == get_current_text_version()
