from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_update
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from fer_lms.api import views

session = [
    path("", views.SessionView.as_view(), name="session"),
    path("consent", views.ConsentView.as_view(), name="consent"),
    path("events", views.EventsView.as_view(), name="events"),
    path("hints", views.HintsView.as_view(), name="hints"),
    path("end", views.EndView.as_view(), name="end"),
    path("leave", views.LeaveView.as_view(), name="leave"),
    path("report", views.ReportView.as_view(), name="report"),
    path("my-report", views.MyReportView.as_view(), name="my-report"),
]
# Swagger UI sets style attributes; its scripts come from files.
docs = csp_update({"style-src": [SELF, UNSAFE_INLINE]})(
    SpectacularSwaggerSplitView.as_view(url_name="api:schema")
)
app_name = "api"
urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", docs, name="docs"),
    path("v1/lessons/", views.LessonsView.as_view(), name="lessons"),
    path(
        "v1/lessons/<int:lesson_id>/sessions/",
        views.LessonSessionsView.as_view(),
        name="lesson-sessions",
    ),
    path("v1/sessions/<uuid:session_id>/", include(session)),
]
