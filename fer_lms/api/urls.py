from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView

from fer_lms.api.authoring import views as authoring_views
from fer_lms.api.docs import api_docs
from fer_lms.api.idempotency import run_writes_once
from fer_lms.api.reports import export_views, support_views
from fer_lms.api.reports import views as report_views
from fer_lms.api.rules import hint_views
from fer_lms.api.rules import views as rule_views
from fer_lms.api.sessions import consent_views, profile_views, views

session = [
    path("", views.SessionView.as_view(), name="session"),
    path("consent", consent_views.ConsentView.as_view(), name="consent"),
    path("events", views.EventsView.as_view(), name="events"),
    path("answers", views.AnswersView.as_view(), name="answers"),
    path("hints", hint_views.HintsView.as_view(), name="hints"),
    path("hints/<int:hint_id>/answer", hint_views.HintAnswerView.as_view(), name="hint-answer"),
    path("hints/<int:hint_id>/timing", hint_views.HintTimingView.as_view(), name="hint-timing"),
    path("why", hint_views.RuleExplanationsView.as_view(), name="why"),
    path("baseline", hint_views.BaselineView.as_view(), name="baseline"),
    path(
        "teacher-notifications",
        rule_views.TeacherNotificationsView.as_view(),
        name="teacher-notifications",
    ),
    path(
        "teacher-notifications/<int:notification_id>/seen",
        rule_views.TeacherNotificationSeenView.as_view(),
        name="teacher-notification-seen",
    ),
    path("end", views.EndView.as_view(), name="end"),
    path("leave", views.LeaveView.as_view(), name="leave"),
    path("report", report_views.ReportView.as_view(), name="report"),
    path("report.csv", export_views.ReportCsvView.as_view(), name="report-csv"),
    path("report.json", export_views.ReportJsonView.as_view(), name="report-json"),
    path("report.pdf", export_views.ReportPdfView.as_view(), name="report-pdf"),
    path("report.xlsx", export_views.ReportXlsxView.as_view(), name="report-xlsx"),
    path("my-report", report_views.MyReportView.as_view(), name="my-report"),
    path(
        "my-report/correction", report_views.CorrectionView.as_view(), name="my-report-correction"
    ),
    # Former addresses, for one release.
    path("words", rule_views.TeacherNotificationsView.as_view()),
    path("words/<int:notification_id>/seen", rule_views.TeacherNotificationSeenView.as_view()),
    path("my-report/word", report_views.CorrectionView.as_view()),
]
lesson = [
    path("", authoring_views.LessonView.as_view(), name="lesson"),
    path("export", authoring_views.LessonExportView.as_view(), name="lesson-export"),
    path("steps/", authoring_views.StepsView.as_view(), name="lesson-steps"),
    path("rules/", rule_views.RulesView.as_view(), name="rules"),
    path("rules/preview", rule_views.PreviewView.as_view(), name="rule-preview"),
    path("rules/switch", rule_views.SwitchView.as_view(), name="rule-switch"),
    path("rules/<int:rule_id>", rule_views.RuleView.as_view(), name="rule"),
    path("rules/<int:rule_id>/versions", rule_views.VersionsView.as_view(), name="rule-versions"),
    path("groups/", rule_views.GroupsView.as_view(), name="learner-groups"),
    path("groups/<int:group_id>", rule_views.GroupView.as_view(), name="learner-group"),
]
support = [
    path("", support_views.SupporterLinksView.as_view(), name="supports"),
    path("<uuid:link_id>/", support_views.SupportedLearnerView.as_view(), name="supported"),
    path(
        "<uuid:link_id>/sessions/<uuid:session_id>/report",
        support_views.SharedReportView.as_view(),
        name="shared-report",
    ),
]
app_name = "api"
urlpatterns: list[URLPattern | URLResolver] = [
    path("schema/", SpectacularAPIView.as_view(authentication_classes=[]), name="schema"),
    path("docs/", api_docs, name="docs"),
    path("v1/lessons/", views.LessonsView.as_view(), name="lessons"),
    path(
        "v1/lessons/<int:lesson_id>/sessions/",
        views.LessonSessionsView.as_view(),
        name="lesson-sessions",
    ),
    path("v1/courses/", authoring_views.CoursesView.as_view(), name="courses"),
    path(
        "v1/courses/<int:course_id>/lessons/",
        authoring_views.CourseLessonsView.as_view(),
        name="course-lessons",
    ),
    path(
        "v1/courses/<int:course_id>/lessons/import",
        authoring_views.LessonImportView.as_view(),
        name="lesson-import",
    ),
    path("v1/lessons/<int:lesson_id>/", include(lesson)),
    path("v1/steps/<int:step_id>/", authoring_views.StepView.as_view(), name="step"),
    path("v1/steps/<int:step_id>/picture", authoring_views.PictureView.as_view(), name="picture"),
    path("v1/markdown", authoring_views.MarkdownView.as_view(), name="markdown"),
    path("v1/me/snooze", hint_views.SnoozeView.as_view(), name="snooze"),
    path("v1/me/left-alone", hint_views.SnoozeView.as_view()),  # former address, for one release
    path("v1/me/thresholds", hint_views.ThresholdsView.as_view(), name="thresholds"),
    path("v1/rules/switch", rule_views.GlobalSwitchView.as_view(), name="global-rule-switch"),
    path("v1/me/profile", profile_views.ProfileView.as_view(), name="profile"),
    path("v1/sessions/<uuid:session_id>/", include(session)),
    path("v1/support/", include(support)),
]
run_writes_once(urlpatterns)
