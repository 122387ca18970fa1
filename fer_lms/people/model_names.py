"""Names and groups of all models in the administration, in the words of those who use it.

They are set on the models when the application starts (`PeopleConfig.ready`): names in `class Meta`
would be in the migrations of every app.
"""

from collections.abc import Mapping
from typing import NamedTuple

from django.apps import apps
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = Promise | str

GROUPS: Mapping[str, Words] = {
    "people": _("People"),
    "lessons": _("Lessons"),
    "policy": _("Policy"),
    "platforms": _("Platforms"),
    "rights": _("Data rights"),
    "health": _("Health"),
    "internals": _("Internals"),
}
"""Title of each group, in the order of the first page."""


class ModelName(NamedTuple):
    group: str
    singular: Words
    plural: Words


MODEL_NAMES: Mapping[str, ModelName] = {
    "people.user": ModelName("people", _("person"), _("people")),
    "auth.group": ModelName("people", _("staff group"), _("staff groups")),
    "lessons.enrolment": ModelName("people", _("membership"), _("memberships in courses")),
    "lessons.supporter": ModelName("people", _("support person"), _("support persons")),
    "rules.learnergroup": ModelName("people", _("group of students"), _("groups of students")),
    "lessons.course": ModelName("lessons", _("course"), _("courses")),
    "lessons.lesson": ModelName("lessons", _("lesson"), _("lessons")),
    "lessons.lessonsession": ModelName("lessons", _("lesson session"), _("lesson sessions")),
    "lessons.activity": ModelName(
        "lessons", _("activity of a platform"), _("activities of platforms")
    ),
    "rules.interactionrule": ModelName("lessons", _("rule for hints"), _("rules for hints")),
    "rules.ruleswitch": ModelName("lessons", _("switch for hints"), _("switches for hints")),
    "reports.lessonreport": ModelName("lessons", _("stored report"), _("stored reports")),
    "policy.deploymentpolicy": ModelName("policy", _("policy"), _("policies")),
    "consent.consenttext": ModelName("policy", _("consent text"), _("consent texts")),
    "consent.guardianconsent": ModelName(
        "policy", _("guardian's consent"), _("guardians' consents")
    ),
    "consent.consent": ModelName("policy", _("student's consent"), _("students' consents")),
    "lti.platform": ModelName("platforms", _("learning platform"), _("learning platforms")),
    "lti.deployment": ModelName(
        "platforms", _("deployment of a platform"), _("deployments of platforms")
    ),
    "lti.registrationinvite": ModelName(
        "platforms", _("invitation of a platform"), _("invitations of platforms")
    ),
    "lti.lticontext": ModelName("platforms", _("course of a platform"), _("courses of platforms")),
    "lti.ltiresourcelink": ModelName("platforms", _("link of a platform"), _("links of platforms")),
    "lti.ltiuser": ModelName("platforms", _("account of a platform"), _("accounts of platforms")),
    "integrations.apitoken": ModelName(
        "platforms", _("access token of a program"), _("access tokens of programs")
    ),
    "integrations.webhook": ModelName(
        "platforms", _("address for report notices"), _("addresses for report notices")
    ),
    "integrations.webhookdelivery": ModelName(
        "health", _("sent report notice"), _("sent report notices")
    ),
    "rights.platformtoken": ModelName(
        "rights", _("platform's privacy token"), _("platforms' privacy tokens")
    ),
    "audit.auditevent": ModelName("rights", _("audit log entry"), _("audit log entries")),
    "rights.purgerun": ModelName("health", _("deletion run"), _("deletion runs")),
    "audit.chaincheck": ModelName("health", _("audit log check"), _("audit log checks")),
    "xapi.statement": ModelName(
        "health", _("waiting learning record"), _("waiting learning records")
    ),
    "lessons.participant": ModelName("internals", _("participation"), _("participations")),
    "lessons.interactionevent": ModelName(
        "internals", _("action in a lesson"), _("actions in lessons")
    ),
    "lessons.learnerprofile": ModelName(
        "internals", _("student's preferences"), _("students' preferences")
    ),
    "lessons.question": ModelName("internals", _("question of a step"), _("questions of steps")),
    "lessons.step": ModelName("internals", _("step"), _("steps")),
    "lessons.stephint": ModelName("internals", _("hint of a step"), _("hints of steps")),
    "lessons.steppicture": ModelName("internals", _("picture of a step"), _("pictures of steps")),
    "engagement.observationwindow": ModelName(
        "internals", _("ten seconds of camera numbers"), _("camera numbers of ten seconds")
    ),
    "engagement.learnerbaseline": ModelName(
        "internals", _("neutral baseline"), _("neutral baselines")
    ),
    "engagement.baselinereset": ModelName("internals", _("new calibration"), _("new calibrations")),
    "reports.correction": ModelName(
        "internals", _("student's correction"), _("students' corrections")
    ),
    "reports.release": ModelName(
        "internals", _("release state of a report"), _("release states of reports")
    ),
    "rules.ruleversion": ModelName("internals", _("version of a rule"), _("versions of rules")),
    "rules.hint": ModelName("internals", _("offered hint"), _("offered hints")),
    "rules.hintanswer": ModelName("internals", _("answer to a hint"), _("answers to hints")),
    "rules.teachernotification": ModelName(
        "internals", _("request for a teacher"), _("requests for a teacher")
    ),
    "rules.rulestate": ModelName("internals", _("state of the rules"), _("states of the rules")),
    "rules.evaluatedevent": ModelName("internals", _("evaluated action"), _("evaluated actions")),
    "rules.sessionrules": ModelName("internals", _("rules of a session"), _("rules of sessions")),
    "rules.sessiongroupmember": ModelName(
        "internals", _("group at a session's start"), _("groups at sessions' starts")
    ),
    "rules.settingssnapshot": ModelName(
        "internals", _("settings of hints at a time"), _("settings of hints at a time")
    ),
    "rules.thresholdshift": ModelName(
        "internals", _("wish for hints sooner or later"), _("wishes for hints sooner or later")
    ),
    "lti.launchstate": ModelName("internals", _("used sign-in"), _("used sign-ins")),
    "lti.keyset": ModelName("internals", _("keys of a platform"), _("keys of platforms")),
    "lti.toolkey": ModelName("internals", _("signing key"), _("signing keys")),
    "lti.deeplinkrequest": ModelName("internals", _("choice of a lesson"), _("choices of lessons")),
    "lti.windowpass": ModelName("internals", _("pass to a new window"), _("passes to new windows")),
    "demo.demosession": ModelName(
        "internals", _("session of the demonstration"), _("sessions of the demonstration")
    ),
    "people.requestkey": ModelName("internals", _("repeated request"), _("repeated requests")),
    "reports.cohortkey": ModelName("internals", _("key of groups"), _("keys of groups")),
    "reports.cohortmember": ModelName(
        "internals", _("member of a released group"), _("members of released groups")
    ),
    "reports.releasedcohort": ModelName("internals", _("released group"), _("released groups")),
    "admin.logentry": ModelName(
        "internals", _("change in the administration"), _("changes in the administration")
    ),
}


def set_model_names() -> None:
    for label, name in MODEL_NAMES.items():
        options = apps.get_model(label)._meta
        options.verbose_name = name.singular
        options.verbose_name_plural = name.plural


def get_group(label: str) -> str:
    name = MODEL_NAMES.get(label)
    return name.group if name else "internals"
