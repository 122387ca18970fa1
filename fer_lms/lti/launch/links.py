"""Resource links and the lessons that they open.

A link's lesson is the one that its custom parameter names, if it is in the same course; otherwise
the one chosen before; otherwise, for a new link that names none, an empty one. A link that names a
lesson of another course was copied with its course: it opens no lesson until a teacher has decided.
"""

from collections.abc import Sequence
from urllib.parse import unquote

from django.core import signing
from django.db.models import Q, QuerySet
from django.utils.translation import gettext

from fer_lms.lessons.models import Activity, Course, Enrolment, Lesson, Role
from fer_lms.lti.models import LtiContext, LtiResourceLink, Platform
from fer_lms.lti.protocol.claims import ID_PATTERN, LaunchMessage
from fer_lms.people.models import User

LESSON_PARAMETER = "lesson"
"""Custom parameter with the lesson's primary key, set by the deep linking response."""
PROOF_PARAMETER = "lesson_proof"
"""Custom parameter with a signature of the key: the link, or its original, was made by us. A
teacher of an LMS can write any key into a link, but no proof."""
CONTEXT_HISTORY_PARAMETER = "context_id_history"
LINK_HISTORY_PARAMETER = "resource_link_id_history"
"""Custom parameters with the ids of the course and the link that these are copies of, latest first
(LTI 1.3, custom property substitution)."""
MAX_LESSON_ID_DIGITS = 18
MAX_HISTORY = 20
PROOF_SALT = "fer_lms.lti.launch.links"


def build_lesson_parameters(lesson: Lesson) -> dict[str, str]:
    """Return the custom parameters of a link to a lesson."""
    key = str(lesson.pk)
    proof = signing.Signer(salt=PROOF_SALT).signature(key)
    return {LESSON_PARAMETER: key, PROOF_PARAMETER: proof}


def resolve_link(
    context: LtiContext, message: LaunchMessage, *, user: User, role: Role
) -> LtiResourceLink:
    """Return the launch's link with its lesson, or without one if a teacher has to decide."""
    key = _parse_lesson_key(message)
    link, is_new = LtiResourceLink.objects.select_related("lesson", "activity").get_or_create(
        context=context,
        resource_link_id=message.resource_link_id,
        defaults={"title": message.resource_link_title, "lesson_key": key},
    )
    link.lesson_key, link.title = key, message.resource_link_title or link.title
    selected = find_lesson(context.course, key)
    if selected is not None:
        link.lesson = selected
    elif link.lesson is None:
        link.source_course = _find_source(link, message, user, role) or link.source_course
        if is_new and key is None and link.source_course is None:
            title = link.title or gettext("Lesson")
            link.lesson = Lesson.objects.create(course=context.course, title=title)
    _update_activity(link)
    link.save(update_fields=["lesson_key", "title", "lesson", "source_course", "activity"])
    return link


def find_lesson(course: Course, key: int | None) -> Lesson | None:
    """Return the course's lesson of this key, or its newest copy of that lesson."""
    if key is None:
        return None
    return course.lessons.filter(Q(pk=key) | Q(origin_key=key)).order_by("-pk").first()


def set_lesson(*, link: LtiResourceLink, lesson: Lesson) -> None:
    """Let a link open this lesson."""
    link.lesson = lesson
    _update_activity(link)
    link.save(update_fields=["lesson", "activity"])


def _update_activity(link: LtiResourceLink) -> None:
    """Give the link an activity of its lesson, with the link's title."""
    if link.lesson is None:
        return
    if link.activity is None or link.activity.lesson_id != link.lesson.pk:
        link.activity = Activity.objects.create(lesson=link.lesson, title=link.title)
    elif link.activity.title != link.title:
        link.activity.title = link.title
        link.activity.save(update_fields=["title"])


def _parse_lesson_key(message: LaunchMessage) -> int | None:
    key = message.custom.get(LESSON_PARAMETER)
    if not isinstance(key, str) or not (key.isascii() and key.isdecimal()):
        return None
    return int(key) if len(key) <= MAX_LESSON_ID_DIGITS else None


def _find_source(
    link: LtiResourceLink, message: LaunchMessage, user: User, role: Role
) -> Course | None:
    """Return the course of the same platform that this link was copied from.

    Only if the link carries our proof, or the launching teacher teaches that course too: teachers
    can change custom parameters in their LMS.
    """
    platform = link.context.deployment.platform
    candidates = _list_candidates(platform, link, message).exclude(pk=link.context.course_id)
    if not _has_proof(message):
        if role != Role.TEACHER:
            return None
        taught = Enrolment.objects.filter(user=user, role=Role.TEACHER, active=True)
        candidates = candidates.filter(pk__in=taught.values("course"))
    history = _parse_history(message, CONTEXT_HISTORY_PARAMETER)
    for context_id in history:
        course = candidates.filter(lti_context__context_id=context_id).first()
        if course is not None:
            return course
    return candidates.order_by("-pk").first()


def _list_candidates(
    platform: Platform, link: LtiResourceLink, message: LaunchMessage
) -> QuerySet[Course]:
    """List the courses that have the lesson, or else those that the platform names."""
    courses = Course.objects.filter(lti_context__deployment__platform=platform)
    key = link.lesson_key
    if key is not None:
        lessons = Lesson.objects.filter(Q(pk=key) | Q(origin_key=key))
        return courses.filter(pk__in=lessons.values("course"))
    contexts = _parse_history(message, CONTEXT_HISTORY_PARAMETER)
    links = _parse_history(message, LINK_HISTORY_PARAMETER)
    named = LtiResourceLink.objects.filter(resource_link_id__in=links).values("context__course")
    named_courses = courses.filter(Q(lti_context__context_id__in=contexts) | Q(pk__in=named))
    return named_courses.filter(pk__in=Lesson.objects.values("course"))


def _has_proof(message: LaunchMessage) -> bool:
    key, proof = message.custom.get(LESSON_PARAMETER), message.custom.get(PROOF_PARAMETER)
    if not isinstance(key, str) or not isinstance(proof, str):
        return False
    try:
        signing.Signer(salt=PROOF_SALT).unsign(f"{key}:{proof}")
    except signing.BadSignature:
        return False
    return True


def _parse_history(message: LaunchMessage, name: str) -> Sequence[str]:
    """Parse ids, latest first; empty if the platform does not know the variable."""
    value = message.custom.get(name)
    if not isinstance(value, str) or value.startswith("$"):
        return ()
    ids = [unquote(part.strip()) for part in value.split(",")[:MAX_HISTORY]]
    return [part for part in ids if ID_PATTERN.fullmatch(part)]
