"""Checks that a frame, a window or a metric of a learner may be used now.

A consent is active while it was given to the current text, the terms disclosed then cover the
policy's, and, where the policy covers learners who need a guardian, the guardian agreed. A new text
or policy ends it without a change to its row, so that the columns alone permit nothing.
"""

import uuid
from collections.abc import Collection

from django.db.models import F, Q, QuerySet

from fer_lms.consent.models import Consent, ConsentText, GuardianConsent
from fer_lms.lessons.models import Participant, Role, Supporter
from fer_lms.policy.models import DeploymentPolicy
from fer_lms.policy.queries import get_active_policy, get_inference_policy, get_min_group_size


def get_permissions(
    participant_ids: Collection[uuid.UUID], policy: DeploymentPolicy | None, *, lock: bool = False
) -> dict[uuid.UUID, Consent]:
    """Return each participant's active consent, limited to what the policy permits.

    Args:
        participant_ids: Participants; those without active consent are absent from the result.
        policy: The active policy, or None.
        lock: Lock the rows until the transaction ends, so that a withdrawal waits for it.
    """
    consents = list_active_consents(policy).filter(participant_id__in=participant_ids)
    consents = consents.select_related("guardian")
    if lock:
        consents = consents.select_for_update(of=("self",)).order_by("pk")
    return {consent.participant_id: _limit_by_policy(consent, policy) for consent in consents}


def permits_face_evidence(policy: DeploymentPolicy | None) -> bool:
    """Return whether the evidence of rules may have a part from the face at all.

    Without it a hint depends only on what a learner does, so that whoever sees that a hint came
    learns nothing about a face.
    """
    return policy is not None and policy.face_evidence_in_hints


def get_face_evidence_epochs(
    participant_ids: Collection[uuid.UUID], policy: DeploymentPolicy | None, *, lock: bool = False
) -> dict[uuid.UUID, int]:
    """Return the consent epoch of each participant whose face the rules may use as evidence.

    Only of consents that were given under this policy, whose text names hints.

    Args:
        participant_ids: Participants.
        policy: The active policy that permits inference, or None.
        lock: As in `get_permissions`; the rows are locked even where no face may be used.
    """
    if policy is None:
        return {}
    permissions = get_permissions(participant_ids, policy, lock=lock)
    if not permits_face_evidence(policy):
        return {}
    return {
        pk: item.frames_epoch
        for pk, item in permissions.items()
        if item.permits_scores and _was_told_of_hints(item, policy)
    }


def _was_told_of_hints(consent: Consent, policy: DeploymentPolicy) -> bool:
    """Return whether learner and guardian answered since this policy's text names hints."""
    guardian = consent.guardian if policy.may_need_guardians else None
    answers = [consent.granted_at, *([guardian.answered_at] if guardian else [])]
    return all(at is not None and at >= policy.valid_from for at in answers)


def get_active_consent(participant: Participant) -> Consent:
    """Return this participant's active consent, or an unsaved row that permits nothing."""
    permissions = get_permissions([participant.pk], get_active_policy())
    return permissions.get(participant.pk) or Consent(participant=participant)


def list_active_consents(policy: DeploymentPolicy | None) -> QuerySet[Consent]:
    newest = ConsentText.objects.order_by("-id").values("version")[:1]
    consents = Consent.objects.filter(text_version=newest)
    if policy is None:
        return consents
    consents = consents.filter(_disclosed_terms_cover(policy))
    if policy.may_need_guardians:
        consents = consents.filter(
            _disclosed_terms_cover(policy, "guardian__"),
            guardian__state=GuardianConsent.State.GIVEN,
            guardian__text_version=F("text_version"),
        )
    return consents


def list_shared_consents(link: Supporter) -> QuerySet[Consent]:
    """Return the active consents under which this supporter may see a session now.

    Learner and guardian must have consented after the supporter was named, since they consent to
    the persons whose names were shown. `link` must be active.
    """
    policy = get_inference_policy()
    if policy is None:
        return Consent.objects.none()
    consents = list_active_consents(policy)
    if policy.may_need_guardians:
        of_age = Q(guardian__way=GuardianConsent.Way.OF_AGE)
        consents = consents.filter(of_age | Q(guardian__supporters_at__gte=link.since))
    return consents.filter(
        support_view=True,
        granted_at__gte=link.since,
        participant__user=link.learner_id,
        participant__role=Role.STUDENT,
        participant__session__lesson__course=link.course_id,
    )


def _disclosed_terms_cover(policy: DeploymentPolicy, prefix: str = "") -> Q:
    """Match consents whose disclosed days are at least, and group size at most, the policy's."""
    return Q(
        **{
            f"{prefix}kept_days__gte": policy.kept_days,
            f"{prefix}small_group__lte": get_min_group_size(policy),
        }
    )


def _limit_by_policy(consent: Consent, policy: DeploymentPolicy | None) -> Consent:
    """Remove, in memory only, the grants that the policy does not permit."""
    if policy is not None:
        consent.server_processing = consent.server_processing and not policy.on_device_only
        consent.research = consent.research and policy.permits_research
    return consent
