"""The privacy page's part on coming in from a learning platform."""

from django.utils.translation import gettext

from fer_lms.policy.stored_shapes import StoredField, StoredGroup


def lms_groups() -> list[StoredGroup]:
    return [_identity(), _pass(), _choice(), _invitation()]


def _identity() -> StoredGroup:
    return StoredGroup(
        title=gettext("Where you came from"),
        why=gettext("So that you are the same person when you come again."),
        until=gettext("until you are removed from this installation."),
        model="lti.LtiUser",
        fields=(
            StoredField(
                gettext("Your number at your learning platform"),
                gettext("Which platform it is, and by which number it knows you."),
                ("platform", "sub", "user", "test_user"),
            ),
            StoredField(
                gettext("When you came"),
                gettext("The first time and the last time."),
                ("created_at", "launched_at"),
            ),
            StoredField(
                gettext("Whether you came in as an administrator"),
                gettext("Only of teachers who administer the platform: when they came last."),
                ("administrator_at",),
            ),
        ),
    )


def _pass() -> StoredGroup:
    return StoredGroup(
        title=gettext("On the way into a new window"),
        why=gettext("So that a lesson can move from your course page to a window of its own."),
        until=gettext("two hours at most; the way in itself works for five minutes."),
        model="lti.WindowPass",
        fields=(
            StoredField(
                gettext("Who moves, and to which page"),
                gettext("You, your platform and course, the page, and a scrambled secret."),
                ("user", "launch", "path", "digest", "created_at", "used_at"),
            ),
        ),
    )


def _choice() -> StoredGroup:
    return StoredGroup(
        title=gettext("While a teacher chooses a lesson"),
        why=gettext("So that the choice gets back to the learning platform that asked for it."),
        until=gettext("a few hours."),
        model="lti.DeepLinkRequest",
        fields=(
            StoredField(
                gettext("Who chooses, for which course"),
                gettext("The teacher, the course, and where the answer goes."),
                (
                    *("deployment", "course", "user", "return_url", "data"),
                    *("accept_multiple", "created_at", "answered_at"),
                ),
            ),
        ),
    )


def _invitation() -> StoredGroup:
    return StoredGroup(
        title=gettext("When a learning platform is connected"),
        why=gettext("So that only a platform that was invited can register itself."),
        until=gettext("as long as this installation."),
        model="lti.RegistrationInvite",
        fields=(
            StoredField(
                gettext("Who invited"),
                gettext("The administrator, when, until when, and which platform came of it."),
                (
                    *("made_by", "digest", "local", "page_origin", "created_at", "expires_at"),
                    *("used_at", "platform"),
                ),
            ),
        ),
    )
