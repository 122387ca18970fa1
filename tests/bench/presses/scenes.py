"""Every page whose buttons are pressed, and what is known of the other buttons."""

from dataclasses import dataclass

from tests.bench.presses.form_scenes import (
    open_deep_link,
    open_guardian_answer,
    open_guardian_request,
    open_launched,
    open_link,
)
from tests.bench.presses.student_scenes import (
    open_calibrated_camera,
    open_camera_question,
    open_consent,
    open_consent_question,
    open_consented_lesson,
    open_correction,
    open_hint,
    open_hint_of,
    open_last_step,
    open_lesson,
    open_my_data,
    open_own_correction,
    open_own_page,
    open_paused_hints,
    open_preferences,
    open_preview,
    open_running_camera,
    open_shared_own_page,
    open_welcome,
    open_withdrawal,
)
from tests.bench.presses.teacher_scenes import (
    DELETE_LESSON,
    open_changed_group,
    open_changed_rule,
    open_closing,
    open_deletion,
    open_editor,
    open_group_deletion,
    open_help,
    open_lesson_deletion,
    open_lessons,
    open_new_group,
    open_new_rule,
    open_report,
    open_rule_deletion,
    open_rules,
    open_step_editor,
)
from tests.bench.presses.world import Open


@dataclass(frozen=True)
class Scene:
    name: str
    open: Open
    presses: tuple[str, ...]


LESSON_BUTTONS = ("answer", "rating-easy", "rating-fine", "rating-hard", "ask-for-hint")
HINT_BUTTONS = ("hint-helped", "hint-not_hard", "hint-not_now", "hint-leave_me_alone")
OFFER_BUTTONS = ("hint-yes", "hint-no", "timing-right", "timing-too_early", "timing-not_needed")
PREFERENCES = (
    *("profile-easy", "profile-no_camera", "profile-hints_muted"),
    *("profile-expressions_do_not_fit", "hint-form-simple_text", "hint-form-symbol"),
    "hint-form-audio",
)
LINK_BUTTONS = (
    "Copy 1 lesson into this course",
    "Open this lesson from now on",
    "Start with an empty lesson",
)
DEEP_LINK_BUTTONS = ("Add this lesson", "Create and add", "Import and add", "Cancel")
SCENES = [
    Scene("welcome", open_welcome, ()),
    Scene("camera question", open_camera_question, ("choose-without",)),
    Scene("lesson", open_lesson, (*LESSON_BUTTONS, "next-step", "leave")),
    Scene("hint", open_hint, HINT_BUTTONS),
    Scene("offer", open_hint_of("tell_teacher"), OFFER_BUTTONS),
    Scene("question", open_hint_of("question"), ("hint-yes", "hint-no")),
    Scene("easier", open_hint_of("easier"), ("hint-helped",)),
    Scene("paused hints", open_paused_hints, ("hints-again",)),
    Scene("last step", open_last_step, ("finish", "previous-step")),
    Scene("consent question", open_consent_question, ("consent-no",)),
    Scene("consent", open_consent, ("consent-agree",)),
    Scene("preview", open_preview, ("preview-without", "preview-start")),
    Scene("lesson with consent", open_consented_lesson, ()),
    Scene("withdrawal", open_withdrawal, ("withdraw-confirm",)),
    Scene("running camera", open_running_camera, ("calibration-start",)),
    Scene("calibrated camera", open_calibrated_camera, ("calibration-reset",)),
    Scene("own page", open_own_page, ("support-yes",)),
    Scene("shared own page", open_shared_own_page, ("support-no",)),
    Scene("correction", open_correction, ("correction-keep",)),
    Scene("own correction", open_own_correction, ("correction-back",)),
    Scene("preferences", open_preferences, PREFERENCES),
    Scene("my data", open_my_data, ("erase-me",)),
    Scene("lessons", open_lessons, ("start-session", "write-lesson", "import-lesson")),
    Scene("call for help", open_help, ("Mark as seen",)),
    Scene("closing", open_closing, ("end-confirm",)),
    Scene("editor", open_editor, ("save-head", "add-step", "down", "up")),
    Scene("step", open_step_editor, ("save-step",)),
    Scene("step deletion", open_deletion("delete"), ("confirm",)),
    Scene("lesson deletion", open_lesson_deletion, ("confirm",)),
    Scene("rules", open_rules, ("switch-lesson", "switch-rule")),
    Scene("new rule", open_new_rule, ("save-rule",)),
    Scene("changed rule", open_changed_rule, ("save-rule",)),
    Scene("rule deletion", open_rule_deletion, ("confirm",)),
    Scene("new group", open_new_group, ("save-group",)),
    Scene("changed group", open_changed_group, ("save-group",)),
    Scene("group deletion", open_group_deletion, ("remove-group-yes",)),
    Scene("report", open_report, ("save-closing-time",)),
    Scene("guardian", open_guardian_request, ("guardian-yes", "guardian-no")),
    Scene("guardian's answer", open_guardian_answer, ("guardian-withdraw",)),
    Scene("copied activity", open_link, LINK_BUTTONS),
    Scene("selection", open_deep_link, DEEP_LINK_BUTTONS),
    Scene("roster", open_launched("roster"), ("Update now",)),
]
READING = frozenset(
    {
        *("begin", "choose-camera", "choose-device", "camera-use", "preview-again", "preview-back"),
        *("consent-yes", "consent-back", "explain-simply", "withdraw", "withdraw-keep"),
        *("easier-form", "open-embed", "hint-listen", "toggle-reading", "close-session", "Cancel"),
        *("edit", "delete", "preview", "close-step", "cancel", DELETE_LESSON, "Close"),
        *("copy-rule", "change-rule", "remove-rule", "try-rule"),
        *("template-says_hard", "template-stuck", "template-puzzled", "template-drifting"),
        *("template-easier", "template-tell_teacher"),
        *("erase-sure", "camera-pause", "camera-stop", "calibration-stop", "hint-easier"),
        *("correction-changed", "hint-form-text"),
        *("make-group", "change-group", "remove-group", "remove-group-no", "end-lesson"),
    }
)
"""Buttons that open, close or show something; the bench verifies that they write nothing."""
EXCLUDED = {
    "Print": "opens a dialog of the browser, which nobody closes",
}
"""Buttons that are not pressed, with the reason."""
