"""The privacy page on what a learner says of a figure."""

from django.utils.translation import gettext

from fer_lms.policy.stored_shapes import StoredField, StoredGroup


def own_word_group(days: str) -> StoredGroup:
    return StoredGroup(
        title=gettext("What you say of it"),
        why=gettext(
            "So that your word stands beside what the computer read. You see it, and a support "
            "person with whom you share your figures."
        ),
        until=gettext("%(days)s, with the figure it stands beside.") % {"days": days},
        model="reports.Correction",
        fields=(
            StoredField(
                gettext("Your word"),
                gettext("Which ten seconds, what you chose and wrote, and when."),
                ("window", "said", "words", "said_at"),
            ),
        ),
    )
