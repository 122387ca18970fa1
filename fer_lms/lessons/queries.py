from django.db.models import QuerySet

from fer_lms.lessons.models import LearnerProfile, Lesson, Participant, Role, Step
from fer_lms.people.models import User


def latest_place_of_student(user: User) -> Participant | None:
    """The sitting that this person came to last as a student."""
    places = Participant.objects.filter(user=user, role=Role.STUDENT)
    return places.order_by("-joined_at", "-id").first()


def steps_with_content(lesson: Lesson, *, pictures: bool = False) -> QuerySet[Step]:
    """The steps with question, hints and what is known of pictures; `pictures`: their bytes too."""
    steps = lesson.steps.select_related("picture", "question").prefetch_related("hints")
    return steps if pictures else steps.defer("picture__data")


def profile_of(user: User) -> LearnerProfile:
    """How this person wants to be met; the usual where nothing was said (then not stored)."""
    profile = LearnerProfile.objects.filter(user=user).first()
    return profile or LearnerProfile(user=user)
