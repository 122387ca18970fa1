import uuid
from collections.abc import Collection
from typing import Any

from django.db.models import F, Q, QuerySet

from fer_lms.consent.models import GRANTS, Consent, ConsentText, GuardianConsent
from fer_lms.lessons.models import Participant, Role, Supporter
from fer_lms.lessons.queries import list_supporters
from fer_lms.people.models import User
from fer_lms.policy.models import DeploymentPolicy
from fer_lms.policy.queries import (
    active_policy,
    disclosed_policy,
    get_min_group_size,
    inference_policy,
)

Texts = dict[str, dict[str, dict[str, Any]]]
DisclosedTerms = dict[str, int]


def current_text_version() -> str:
    """The version that was added last."""
    return ConsentText.objects.order_by("-id").values_list("version", flat=True)[0]


def disclosed_terms() -> DisclosedTerms:
    """The numbers that the question names now."""
    policy = disclosed_policy()
    return {"kept_days": policy.kept_days, "small_group": get_min_group_size(policy)}


def disclosed_terms_cover(policy: DeploymentPolicy, whose: str = "") -> Q:
    """Answers to a question that named no fewer days and no larger group than now hold: to more
    than was asked nobody agreed. `whose`: the way to the answer from the rows asked for."""
    return Q(
        **{
            f"{whose}kept_days__gte": policy.kept_days,
            f"{whose}small_group__lte": get_min_group_size(policy),
        }
    )


def get_texts(version: str, named: DisclosedTerms | None = None) -> Texts:
    """{locale: {form: body}} of one version, as it is shown: with the numbers that hold here, or
    those that were named when it was asked."""
    texts: Texts = {}
    numbers = {f"{{{name}}}": str(number) for name, number in (named or disclosed_terms()).items()}
    for text in ConsentText.objects.filter(version=version):
        texts.setdefault(text.locale, {})[text.form] = _filled(text.body, numbers)
    return texts


def _filled(body: dict[str, Any], numbers: dict[str, str]) -> dict[str, Any]:
    points = [point | {"body": _with(point["body"], numbers)} for point in body["points"]]
    return body | {"points": points}


def _with(words: str, numbers: dict[str, str]) -> str:
    for name, number in numbers.items():
        words = words.replace(name, number)
    return words


def get_consent(participant: Participant) -> Consent:
    """What this participant said; a row that permits nothing where nothing was ever said."""
    return Consent.objects.filter(participant=participant).first() or Consent(
        participant=participant
    )


def active_consents(policy: DeploymentPolicy | None) -> QuerySet[Consent]:
    """Those that count now: given to the text in force and, where the policy covers learners so
    young, with a guardian's yes that was not taken back. What only the columns say is not enough:
    a new text or another policy ends a yes without touching its row."""
    newest = ConsentText.objects.order_by("-id").values("version")[:1]
    consents = Consent.objects.filter(text_version=newest)
    if policy is None:
        return consents
    consents = consents.filter(disclosed_terms_cover(policy))
    if policy.may_need_guardians:
        consents = consents.filter(
            disclosed_terms_cover(policy, "guardian__"),
            guardian__state=GuardianConsent.State.GIVEN,
            guardian__text_version=F("text_version"),
        )
    return consents


def active_consent(participant: Participant) -> Consent:
    """What this participant permits now; a row that permits nothing where that is nothing."""
    policy = active_policy()
    consent = active_consents(policy).filter(participant=participant).first()
    return limit_by_policy(consent or Consent(participant=participant), policy)


def get_permissions(
    participant_ids: Collection[uuid.UUID], policy: DeploymentPolicy | None
) -> dict[uuid.UUID, Consent]:
    """The consent of each of these that counts now, with what the policy forbids taken off."""
    consents = active_consents(policy).filter(participant_id__in=participant_ids)
    return {each.participant_id: limit_by_policy(each, policy) for each in consents}


def list_shared_consents(link: Supporter) -> QuerySet[Consent]:
    """Under which this supporter may look now, sitting by sitting: a yes to `support_view` that is
    in force, under a policy by which something may be read, and given after this supporter was
    named, since a yes is a yes to the people whose names one was shown; a guardian's likewise.
    `link` is in force."""
    policy = inference_policy()
    if policy is None:
        return Consent.objects.none()
    agreed = active_consents(policy)
    if policy.may_need_guardians:
        of_age = Q(guardian__way=GuardianConsent.Way.OF_AGE)
        agreed = agreed.filter(of_age | Q(guardian__supporters_at__gte=link.since))
    return agreed.filter(
        support_view=True,
        granted_at__gte=link.since,
        participant__user=link.learner_id,
        participant__role=Role.STUDENT,
        participant__session__lesson__course=link.course_id,
    )


def list_named_supporters(participant: Participant) -> list[dict[str, Any]]:
    """Who is named to support this learner, and whether they may look at this sitting now."""
    return [
        {
            "id": link.pk,
            "name": link.supporter.get_full_name() or link.supporter.username,
            "sees": list_shared_consents(link).filter(participant=participant).exists(),
        }
        for link in list_supporters(participant)
    ]


def limit_by_policy(consent: Consent, policy: DeploymentPolicy | None) -> Consent:
    """The row, not to be stored, without what this policy lets nobody agree to."""
    if policy is not None:
        consent.server_processing = consent.server_processing and not policy.on_device_only
        consent.research = consent.research and policy.permits_research
    return consent


def get_frame_epochs(
    participant_ids: Collection[uuid.UUID], policy: DeploymentPolicy | None
) -> dict[uuid.UUID, int]:
    """The epoch of frames of each of these who permits that pictures are looked at."""
    if policy is None or policy.on_device_only:
        return {}
    permitting = active_consents(policy).filter(
        participant_id__in=participant_ids, capture=True, server_processing=True
    )
    return dict(permitting.values_list("participant_id", "frames_epoch"))


def get_guardian_request(person: User) -> GuardianConsent | None:
    """What this person's guardian was asked, or said, about the text in force; the newest."""
    return (
        GuardianConsent.objects.filter(person=person, text_version=current_text_version())
        .exclude(state=GuardianConsent.State.REPLACED)
        .order_by("-asked_at")
        .first()
    )


def get_consent_status(participant: Participant) -> dict[str, Any]:
    """What a learner is told of the own consent: what counts now, and what is waited for."""
    said, counts = get_consent(participant), active_consent(participant)
    granted = {grant: getattr(counts, grant) for grant in GRANTS}
    question = get_guardian_request(participant.user)
    stale = said.state == "granted" or (
        said.state == "pending_guardian" and not is_current_answer(said)
    )
    return {
        "granted": granted,
        "state": said.state if any(granted.values()) or not stale else "none",
        "ask_again": stale and not any(granted.values()),
        "guardian": question.state if question else None,
        "awaiting": said.awaiting_guardian,
    }


def is_current_answer(answered: Consent | GuardianConsent) -> bool:
    """Whether it is about the text in force, and was told no less than now holds."""
    told_days, told_group = answered.kept_days, answered.small_group
    if told_days is None or told_group is None:
        return False
    now = disclosed_terms()
    told = told_days >= now["kept_days"] and told_group <= now["small_group"]
    return told and answered.text_version == current_text_version()


def get_text_for_reader(
    version: str, language: str, *, easy: bool, named: DisclosedTerms | None = None
) -> dict[str, Any]:
    """The text in the reader's language, else in English, else in whatever there is."""
    texts = get_texts(version, named)
    forms = texts.get(language) or texts.get(language.split("-")[0]) or texts.get("en")
    forms = forms or next(iter(texts.values()))
    return forms["easy" if easy and "easy" in forms else "standard"]
