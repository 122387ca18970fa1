"""The privacy page on who supports whom."""

from django.utils.translation import gettext

from fer_lms.policy.stored_shapes import StoredField, StoredGroup


def supporter_group() -> StoredGroup:
    return StoredGroup(
        title=gettext("Who supports you, or whom you support"),
        why=gettext(
            "So that only somebody whom an administrator named can be shown anything, and only "
            "after the learner's own yes. Your teacher does not see it."
        ),
        until=gettext(
            "it is over, and then as many days as “What is kept for how long” says of what was "
            "agreed to."
        ),
        model="lessons.Supporter",
        fields=(
            StoredField(
                gettext("Who, and in which course"),
                gettext("The learner, the support person, the course, and who named them."),
                ("course", "supporter", "learner", "named_by"),
            ),
            StoredField(
                gettext("From when to when"),
                gettext("When it began, when it is to end, and when it was ended."),
                ("since", "until", "ended_at"),
            ),
        ),
    )
