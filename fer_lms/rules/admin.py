from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext

from fer_lms.people.models import User
from fer_lms.people.read_only import ReadOnlyAdmin
from fer_lms.rules.actions import set_switch
from fer_lms.rules.models import (
    EvaluatedEvent,
    Hint,
    HintAnswer,
    InteractionRule,
    LearnerGroup,
    RuleState,
    RuleSwitch,
    RuleVersion,
    SettingsSnapshot,
    TeacherNotification,
    ThresholdShift,
)
from fer_lms.rules.queries import Switches


@admin.register(InteractionRule)
class InteractionRuleAdmin(ReadOnlyAdmin[InteractionRule]):
    """Read only: rules are edited in the lesson's rule editor, which validates them."""

    list_display = ("title", "course_id", "lesson_id", "template", "made_at", "retired_at")
    list_filter = ("template",)


@admin.register(RuleVersion)
class RuleVersionAdmin(ReadOnlyAdmin[RuleVersion]):
    list_display = ("rule_id", "number", "evidence", "threshold", "action", "made_at")
    list_filter = ("evidence", "action")


@admin.register(RuleSwitch)
class RuleSwitchAdmin(ReadOnlyAdmin[RuleSwitch]):
    """History of switches, and the switch of the installation."""

    list_display = ("off", "lesson_id", "rule_id", "learner_id", "set_at")
    list_filter = ("off",)
    change_list_template = "admin/rules/ruleswitch/change_list.html"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.switch_everywhere)
        return [path("everywhere/", view, name="rules_switch_everywhere"), *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {"off_everywhere": Switches().is_off(lesson=None)}
        return super().changelist_view(request, context | (extra_context or {}))

    def switch_everywhere(self, request: HttpRequest) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not request.user.has_perm("rules.add_ruleswitch"):
            raise PermissionDenied
        off = request.POST.get("off") == "yes"
        set_switch(off=off, user=cast(User, request.user))
        done = gettext("All hints are off.") if off else gettext("Hints are on.")
        messages.success(request, done)
        return HttpResponseRedirect(reverse("admin:rules_ruleswitch_changelist"))


@admin.register(Hint)
class HintAdmin(ReadOnlyAdmin[Hint]):
    """Hints without their reasons, which only the learner may read."""

    list_display = ("fired_at", "kind", "state", "withheld_because", "rule_id")
    list_filter = ("kind", "state")
    exclude = ("why", "parts")


@admin.register(HintAnswer)
class HintAnswerAdmin(ReadOnlyAdmin[HintAnswer]):
    list_display = ("answered_at", "answer", "hint_id")
    list_filter = ("answer",)


@admin.register(TeacherNotification)
class TeacherNotificationAdmin(ReadOnlyAdmin[TeacherNotification]):
    list_display = ("said_at", "seen_at", "hint_id")


@admin.register(LearnerGroup)
class LearnerGroupAdmin(ReadOnlyAdmin[LearnerGroup]):
    list_display = ("title", "course_id")


@admin.register(ThresholdShift)
class ThresholdShiftAdmin(ReadOnlyAdmin[ThresholdShift]):
    list_display = ("evidence", "shift", "user_id")
    exclude = ("user",)


@admin.register(RuleState)
class RuleStateAdmin(ReadOnlyAdmin[RuleState]):
    """Progress of evaluation, without the state: it describes a face."""

    list_display = ("participant_id", "cursor_at", "active_until")
    exclude = ("body",)


@admin.register(SettingsSnapshot)
class SettingsSnapshotAdmin(ReadOnlyAdmin[SettingsSnapshot]):
    list_display = ("participant_id", "from_at")


@admin.register(EvaluatedEvent)
class EvaluatedEventAdmin(ReadOnlyAdmin[EvaluatedEvent]):
    list_display = ("event_id", "evaluated_at")
