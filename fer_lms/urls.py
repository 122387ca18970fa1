from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.utils.translation import gettext_lazy as _

from fer_lms.health import healthz, readyz
from fer_lms.metrics_view import metrics
from fer_lms.operations import views as operations
from fer_lms.page_language import choose_language
from fer_lms.script_texts import script_texts

handler400 = "fer_lms.error_views.bad_request"
handler403 = "fer_lms.error_views.permission_denied"
handler404 = "fer_lms.error_views.page_not_found"
handler500 = "fer_lms.error_views.server_error"

admin.site.site_header = admin.site.site_title = _("fer-lms administration")
admin.site.index_title = _("Stored data and settings")

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
    path("api/", include("fer_lms.streaming.urls")),
    path("api/", include("fer_lms.api.urls")),
    path("lti/", include("fer_lms.lti.urls")),
    *(
        path(f"admin/{page}/", admin.site.admin_view(view), name=name)
        for page, view, name in (
            ("ready", operations.ready, "ready-for-learners"),
            ("status", operations.status, "admin-status"),
            ("models", operations.models, "admin-models"),
            ("retention", operations.admin_retention, "admin-retention"),
        )
    ),
    path("admin/", admin.site.urls),
    path("", include("fer_lms.lessons.urls")),
    path("", include("fer_lms.reports.urls")),
    path("", include("fer_lms.integrations.urls")),
    path("", include("fer_lms.policy.urls")),
    path("", include("fer_lms.consent.urls")),
    path("", include("fer_lms.rights.urls")),
    path("jsi18n/", script_texts, name="jsi18n"),
    path("language/", choose_language, name="language"),
]
if settings.DEMO:
    urlpatterns.append(path("demo/", include("fer_lms.demo.urls")))
