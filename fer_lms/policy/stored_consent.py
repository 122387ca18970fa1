"""The privacy page on what was agreed to, by the learner and by a guardian."""

from django.utils.translation import gettext

from fer_lms.policy.stored_shapes import StoredField, StoredGroup


def consent_group() -> StoredGroup:
    return StoredGroup(
        title=gettext("What you agreed to"),
        why=gettext(
            "So that nothing happens that you did not agree to, and that this is provable."
        ),
        until=gettext(
            "as many days as “What is kept for how long” says; what you took back stays on record "
            "as taken back until then."
        ),
        model="consent.Consent",
        fields=(
            StoredField(
                gettext("Your answers"),
                gettext(
                    "A yes or no to each thing you were asked, and to which version of the text, "
                    "in which language, in plain or in simple words, with which numbers in it."
                ),
                (
                    "participant",
                    "text_version",
                    "text_locale",
                    "text_form",
                    "kept_days",
                    "small_group",
                    "capture",
                    "server_processing",
                    "own_view",
                    "support_view",
                    "research",
                ),
            ),
            StoredField(
                gettext("Changes"),
                gettext(
                    "When you agreed and took back, and a number that rises with every change."
                ),
                ("granted_at", "withdrawn_at", "epoch", "frames_epoch"),
            ),
            StoredField(
                gettext("A guardian's part"),
                gettext("What you said yes to and still waits for your guardian, and the answer."),
                ("awaiting_guardian", "guardian"),
            ),
            StoredField(
                gettext("Deletion"),
                gettext("What still awaits deletion, when it was done, and your receipt."),
                ("erase_through_epoch", "erased_at", "receipt"),
            ),
        ),
    )


def guardian_group() -> StoredGroup:
    return StoredGroup(
        title=gettext("What your guardian said"),
        why=gettext("Where you are too young to decide alone, a guardian has to agree too."),
        until=gettext(
            "as many days as “What is kept for how long” says, from when it no longer holds."
        ),
        model="consent.GuardianConsent",
        fields=(
            StoredField(
                gettext("Question and answer"),
                gettext(
                    "What you said yes to, to which version of the text, with which numbers in it; "
                    "what of it your guardian agreed to, took back or refused. Your teacher does "
                    "not see it."
                ),
                (
                    *("person", "text_version", "kept_days", "small_group"),
                    *("asked_for", "given", "state"),
                ),
            ),
            StoredField(
                gettext("How, and by whom"),
                gettext(
                    "By a link or on paper; the name your guardian signed with, or where the paper "
                    "can be found and who entered it."
                ),
                ("way", "signed_name", "reference", "entered_by"),
            ),
            StoredField(
                gettext("When"),
                gettext("When it was asked, until when the link works, and when it was answered."),
                (
                    *("asked_at", "expires_at", "answered_at", "withdrawn_at"),
                    "supporters_at",
                ),
            ),
        ),
    )
