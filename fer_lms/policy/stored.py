"""What this installation stores of a person, why and for how long: the privacy page's content.

Each line names the columns it speaks of; a test holds them against the models, so that a new
column cannot appear without a word about it.
"""

from django.utils.translation import gettext, ngettext

from fer_lms.policy.models import DeploymentPolicy
from fer_lms.policy.stored_consent import consent_group, guardian_group
from fer_lms.policy.stored_help import help_groups
from fer_lms.policy.stored_lms import lms_groups
from fer_lms.policy.stored_shapes import StoredField
from fer_lms.policy.stored_shapes import StoredGroup as StoredGroup
from fer_lms.policy.stored_support import supporter_group
from fer_lms.policy.stored_words import own_word_group
from fer_lms.xapi.queries import xapi_text


def stored_groups(*, kept_days: int, hints_kept_days: int) -> list[StoredGroup]:
    days, hint_days = _in_words(kept_days), _in_words(hints_kept_days)
    return [
        _person(),
        _profile(),
        _enrolment(),
        _place(),
        consent_group(),
        guardian_group(),
        supporter_group(),
        _events(),
        _windows(days),
        own_word_group(days),
        *help_groups(days, hint_days),
        *lms_groups(),
        _statements(),
        _signature(),
    ]


def _in_words(days: int) -> str:
    return ngettext("%(days)s day", "%(days)s days", days) % {"days": days}


def _person() -> StoredGroup:
    return StoredGroup(
        title=gettext("Who you are here"),
        why=gettext("So that your lessons are yours and nobody else's."),
        until=gettext("until you are removed from this installation."),
        model="people.User",
        fields=(
            StoredField(
                gettext("Name"),
                gettext("The name you came with, and an e-mail address only where one was given."),
                ("username", "first_name", "last_name", "email"),
            ),
            StoredField(
                gettext("Signing in"),
                gettext(
                    "A password, unreadable, only for people who administer this installation; "
                    "when you first and last came."
                ),
                ("password", "last_login", "date_joined"),
            ),
            StoredField(
                gettext("What you may do"),
                gettext(
                    "Whether your account is active, administers the installation, belongs to the "
                    "demonstration, or is a simulated learner or a learning platform's stand-in "
                    "and no person at all; whether the learning platform you came from is "
                    "switched off."
                ),
                (
                    "is_active",
                    "is_staff",
                    "is_superuser",
                    "demo",
                    "simulated",
                    "is_placeholder",
                    "access_suspended",
                ),
            ),
            StoredField(
                gettext("A random number"),
                gettext("It stands for you where your name must not."),
                ("public_id",),
            ),
        ),
    )


def _profile() -> StoredGroup:
    return StoredGroup(
        title=gettext("How you want to be met"),
        why=gettext("So that help comes in the form that suits you. Your teacher does not see it."),
        until=gettext("until you change it or are removed from this installation."),
        model="lessons.LearnerProfile",
        fields=(
            StoredField(
                gettext("Form of hints and reading"),
                gettext(
                    "Whether you like hints as text, simple text, symbols or read aloud, or none "
                    "by themselves; whether you want the easier form of a step."
                ),
                ("user", "hint_form", "hints_muted", "reading_level"),
            ),
            StoredField(
                gettext("Camera and face"),
                gettext(
                    "That you do not want to be asked about a camera; that what a face shows says "
                    "little about you and is to have no weight. The reason is not asked."
                ),
                ("no_camera", "expressions_do_not_fit"),
            ),
        ),
    )


def _enrolment() -> StoredGroup:
    return StoredGroup(
        title=gettext("Your courses"),
        why=gettext("So that you may see their lessons, and nobody else may."),
        until=gettext("as long as the course itself."),
        model="lessons.Enrolment",
        fields=(
            StoredField(
                gettext("Course and role"),
                gettext(
                    "Which course, as a student or as a teacher, and whether that still holds."
                ),
                ("course", "user", "role", "active"),
            ),
        ),
    )


def _place() -> StoredGroup:
    return StoredGroup(
        title=gettext("Your place in a lesson"),
        why=gettext("So that you find your lesson again."),
        until=gettext("as long as the lesson itself."),
        model="lessons.Participant",
        fields=(
            StoredField(
                gettext("Lesson and role"),
                gettext("Which sitting of which lesson, as a student or as a teacher."),
                ("session", "user", "role"),
            ),
            StoredField(
                gettext("Coming and leaving"),
                gettext("When you came in and when you left."),
                ("joined_at", "left_at"),
            ),
        ),
    )


def _events() -> StoredGroup:
    return StoredGroup(
        title=gettext("What you do in a lesson"),
        why=gettext("To see which step takes long or is hard. It needs no camera."),
        until=gettext("as many days as “What is kept for how long” says."),
        model="lessons.InteractionEvent",
        fields=(
            StoredField(
                gettext("What and when"),
                gettext(
                    "That you opened a step, answered its question, said how it is, asked for a "
                    "hint, did nothing for a while or came back; on which step, and when."
                ),
                ("participant", "kind", "step", "occurred_at"),
            ),
            StoredField(
                gettext("Answers"),
                gettext(
                    "Whether an answer was right, which try it was and after how many seconds; "
                    "never what you wrote. Whether you found the step easy, fine or hard."
                ),
                ("value", "attempts", "seconds"),
            ),
            StoredField(
                gettext("A number against counting twice"),
                gettext(
                    "Your browser makes it, for the case that the network sends a thing twice."
                ),
                ("key",),
            ),
        ),
    )


def _statements() -> StoredGroup:
    return StoredGroup(
        title=gettext("What is passed on about lessons, while it waits to be sent"),
        why=xapi_text(),
        until=gettext("it is sent, which takes seconds; seven days where that does not succeed."),
        model="xapi.Statement",
        fields=(
            StoredField(
                gettext("What you did"),
                gettext(
                    "That you opened a lesson or a report, looked at a step, or got or answered a "
                    "hint, and your answer; when; under a number instead of your name. Never what "
                    "your face showed. Figures of a whole class wait here as well, where the "
                    "policy permits them; they belong to nobody."
                ),
                ("user", "body"),
            ),
            StoredField(
                gettext("Sending"),
                gettext("Since when it waits, how often it was tried, and why it was not taken."),
                ("queued_at", "attempts", "next_attempt_at", "refusal"),
            ),
        ),
    )


def _windows(days: str) -> StoredGroup:
    return StoredGroup(
        title=gettext("What was read from the camera, ten seconds at a time"),
        why=gettext(
            "For your own page, and, together with others, for the class's report. Only with your "
            "yes to the camera. A support person named for you sees it only with your yes to that."
        ),
        until=gettext("%(days)s, or until you take it back.") % {"days": days},
        model="engagement.ObservationWindow",
        fields=(
            StoredField(
                gettext("When"),
                gettext(
                    "The ten seconds, whether they are still being counted, under which of your "
                    "answers, and which version of the model read them."
                ),
                ("participant", "start_at", "state", "consent_epoch", "model"),
            ),
            StoredField(
                gettext("Whether it counted for help"),
                gettext("When the rules looked at it, and whether they were allowed to use it."),
                ("evaluated_at", "face_counted"),
            ),
            StoredField(
                gettext("Expressions, added up"),
                gettext(
                    "For each of eight expressions the sum of how much your face looked like it, "
                    "and how many pictures that came from."
                ),
                ("scored", "score_sums"),
            ),
            StoredField(
                gettext("Engagement index, added up"),
                gettext("The sum of the index and how many pictures it came from."),
                ("engagement_count", "engagement_sum"),
            ),
            StoredField(
                gettext("Signs of face and head, added up"),
                gettext(
                    "Sums and sums of squares of, for instance, how far brows, mouth and eyes "
                    "moved and the head turned; how many pictures they came from."
                ),
                ("sign_count", "sign_sums", "sign_square_sums"),
            ),
            StoredField(
                gettext("How much could be seen"),
                gettext(
                    "Seconds with a usable picture; pictures without a face, with several, or too "
                    "dark, small or unclear; time paused or out of sight."
                ),
                (
                    "seen_seconds",
                    "no_face",
                    "many_faces",
                    "low_quality",
                    "hidden_ms",
                    "paused_ms",
                ),
            ),
            StoredField(
                gettext("What became of the pictures"),
                gettext("How many came, were looked at, or were thrown away unseen, and why."),
                ("accepted", "processed", "refused", "lost"),
            ),
            StoredField(
                gettext("Only while the ten seconds are being counted"),
                gettext(
                    "Which moments of the ten seconds are already counted, and the counts of each "
                    "connection; dropped when the ten seconds are closed, seven seconds later."
                ),
                ("counted_steps", "usable_steps", "feeds"),
            ),
        ),
    )


def _signature() -> StoredGroup:
    return StoredGroup(
        title=gettext("Who answers for this installation"),
        why=gettext("So that everybody can know who decided what may be read here, and why."),
        until=gettext("as long as this installation."),
        model="policy.DeploymentPolicy",
        fields=(
            StoredField(
                gettext("Who signed, and when"),
                gettext("The administrator who signed, and who is responsible and may be asked."),
                _OF_THE_SIGNER,
            ),
            StoredField(
                gettext("What was decided"),
                gettext("Nothing of a learner: where, for what and for whom cameras may be used."),
                tuple(
                    field.name
                    for field in DeploymentPolicy._meta.concrete_fields
                    if field.name not in _OF_THE_SIGNER and not field.primary_key
                ),
            ),
        ),
    )


_OF_THE_SIGNER = ("signed_by", "signer", "signed_at", "seal", "controller", "contact")
