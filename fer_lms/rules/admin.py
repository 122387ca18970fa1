from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext

from fer_lms.people.models import User
from fer_lms.people.read_only import LearnerDataAdmin, NamedValuesFilter, ReadOnlyAdmin
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
    SessionGroupMember,
    SessionRules,
    SettingsSnapshot,
    TeacherNotification,
    ThresholdShift,
)
from fer_lms.rules.queries import Switches


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


def _register(
    model: type[Model],
    list_display: tuple[str, ...],
    *,
    list_filter: tuple[Any, ...] = (),
    exclude: tuple[str, ...] = (),
    base: type[ReadOnlyAdmin[Any]] = LearnerDataAdmin,
) -> None:
    options = {"list_display": list_display, "list_filter": list_filter, "exclude": exclude}
    admin.site.register(model, type(f"{model.__name__}Admin", (base,), options))


# Rules are edited in the rule editor of a lesson, which validates them.


_register(
    InteractionRule,
    ("title", "course_id", "lesson_id", "template", "made_at", "retired_at"),
    list_filter=(("template", NamedValuesFilter),),
    base=ReadOnlyAdmin,
)
_register(
    RuleVersion,
    ("rule_id", "number", "evidence", "threshold", "action", "made_at"),
    list_filter=("evidence", "action"),
    base=ReadOnlyAdmin,
)
# Only the learner may see the reasons of a hint; the body of a state describes a face.
_register(
    Hint,
    ("fired_at", "kind", "state", "withheld_because", "rule_id"),
    list_filter=("kind", "state"),
    exclude=("why", "parts"),
)
_register(HintAnswer, ("answered_at", "answer", "hint_id"), list_filter=("answer",))
_register(TeacherNotification, ("said_at", "seen_at", "hint_id"))
_register(LearnerGroup, ("title", "course_id"), base=ReadOnlyAdmin)
_register(ThresholdShift, ("evidence", "shift", "user_id"), exclude=("user",))
_register(RuleState, ("participant_id", "cursor_at", "active_until"), exclude=("body",))
_register(SettingsSnapshot, ("participant_id", "from_at"))
_register(SessionRules, ("session_id", "frozen_at", "has_used_faces"), base=ReadOnlyAdmin)
_register(SessionGroupMember, ("rules_id", "group"), exclude=("user",))
_register(EvaluatedEvent, ("event_id", "evaluated_at"))
