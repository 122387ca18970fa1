from django.utils import timezone

from fer_lms.policy.models import DeploymentPolicy


def ensure_demo_policy() -> DeploymentPolicy:
    """The policy that the demonstration runs under: adults, this machine, short retention."""
    policy, _ = DeploymentPolicy.objects.get_or_create(
        kind=DeploymentPolicy.Kind.DEMO,
        defaults={
            "purpose": "Demonstration to adults on one machine",
            "signed_at": timezone.now(),
            "permits_research": True,
            "legal_basis": "consent of the adult who tries it",
            "signed_by": "the person who started the demonstration",
            "permits_inference": True,
            "minimum_age": 18,
            "kept_days": 7,
        },
    )
    return policy
