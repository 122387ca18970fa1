"""What no program can tell, so that it is not forgotten. Nothing is ticked here and nothing kept:
docs/templates/deployment-checklist.md is the paper for that."""

from collections.abc import Iterator

from django.conf import settings
from django.urls import reverse

from fer_lms.operations.findings import Finding


def person_findings() -> Iterator[Finding]:
    address = f"{settings.PUBLIC_URL}{reverse('retention')}"
    looks = (
        ("may it be done", "somebody who knows the law of the place has said yes, in writing"),
        (
            "backups",
            "made, kept no longer than the policy keeps data, restored once as a trial",
        ),
        ("notice", "learners and guardians were told, in words and languages that they read"),
        ("retention page", f"open {address} without signing in; it says what the paper says"),
        ("a way without", "a whole lesson was tried with the camera off, and it was as good"),
        ("a no", "one learner withdrew as a trial: the camera stopped, the receipt came"),
        ("alarms", "somebody is woken by /readyz, fer_purge_overdue and the audit log's alarm"),
        ("certificate", "valid, and renewed by itself"),
        ("disks", "swap is off or encrypted, no core dumps, where pictures are in memory"),
    )
    for name, detail in looks:
        yield Finding(name, "person", detail)
