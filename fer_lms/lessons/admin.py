import uuid

from django.contrib import admin

from fer_lms.lessons.content.document import MAX_STEPS
from fer_lms.lessons.models import (
    Activity,
    Course,
    Enrolment,
    InteractionEvent,
    LearnerProfile,
    Lesson,
    LessonSession,
    Participant,
    Question,
    Step,
    StepHint,
    StepPicture,
)
from fer_lms.lessons.support_admin import SupporterAdmin as SupporterAdmin
from fer_lms.people.read_only import (
    BoundedInline,
    LearnerDataAdmin,
    NotDeletedByTeachersAdmin,
    OwnFieldsAdmin,
    ReadOnlyAdmin,
)


@admin.register(Course)
class CourseAdmin(NotDeletedByTeachersAdmin[Course]):
    search_fields = ("title",)


@admin.register(Enrolment)
class EnrolmentAdmin(OwnFieldsAdmin[Enrolment]):
    list_display = ("course", "user", "role", "active")
    list_filter = ("role", "active")
    list_select_related = ("course", "user")
    raw_id_fields = ("user",)


class StepInline(BoundedInline[Step, Lesson], admin.StackedInline[Step, Lesson]):
    model = Step
    extra = 0
    max_num = MAX_STEPS


@admin.register(Lesson)
class LessonAdmin(NotDeletedByTeachersAdmin[Lesson]):
    list_display = ("title", "course", "minutes", "engagement_preset")
    list_filter = ("engagement_preset",)
    list_select_related = ("course",)
    inlines = (StepInline,)


@admin.register(Activity)
class ActivityAdmin(ReadOnlyAdmin[Activity]):
    list_display = ("title", "lesson")
    list_select_related = ("lesson",)


@admin.register(StepPicture)
class StepPictureAdmin(ReadOnlyAdmin[StepPicture]):
    """Read-only: pictures are uploaded in the lesson editor, which re-encodes them."""

    list_display = ("step", "alternative_text", "media_type", "width", "height")
    fields = ("step", "alternative_text", "media_type", "width", "height", "sha256")
    list_select_related = ("step",)


@admin.register(Question)
class QuestionAdmin(ReadOnlyAdmin[Question]):
    list_display = ("step", "kind", "prompt")
    list_filter = ("kind",)
    list_select_related = ("step",)


@admin.register(StepHint)
class StepHintAdmin(ReadOnlyAdmin[StepHint]):
    list_display = ("step", "level", "text")
    list_filter = ("level",)
    list_select_related = ("step",)


@admin.register(LearnerProfile)
class LearnerProfileAdmin(LearnerDataAdmin[LearnerProfile]):
    """Hides the fields that may disclose a disability."""

    list_display = fields = ("person", "hint_form", "reading_level", "hints_muted")
    list_filter = ("hint_form", "reading_level")
    list_select_related = ("user",)

    @admin.display(description="person (public id)")
    def person(self, profile: LearnerProfile) -> uuid.UUID:
        return profile.user.public_id


@admin.register(LessonSession)
class LessonSessionAdmin(ReadOnlyAdmin[LessonSession]):
    list_display = ("id", "lesson", "started_at", "closes_at", "ended_at", "engagement_preset")
    list_filter = ("engagement_preset", "started_at")
    list_select_related = ("lesson",)


@admin.register(Participant)
class ParticipantAdmin(LearnerDataAdmin[Participant]):
    list_display = ("id", "person", "role", "joined_at", "left_at")
    fields = ("id", "session", "person", "role", "joined_at", "left_at")
    list_filter = ("role", "joined_at")
    list_select_related = ("user",)

    @admin.display(description="person (public id)")
    def person(self, participant: Participant) -> uuid.UUID:
        return participant.user.public_id


@admin.register(InteractionEvent)
class InteractionEventAdmin(LearnerDataAdmin[InteractionEvent]):
    list_display = ("occurred_at", "kind", "participant_id", "step", "value")
    list_filter = ("kind", "occurred_at")
    list_select_related = ("step",)
