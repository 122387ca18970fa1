from django.urls import path

from fer_lms.lti.launch import views
from fer_lms.lti.registration.views import registration
from fer_lms.lti.services.content_selection_views import deep_link
from fer_lms.lti.services.link_views import link_page
from fer_lms.lti.services.roster_views import roster

urlpatterns = [
    path("login", views.login, name="lti-login"),
    path("launch", views.launch, name="lti-launch"),
    path("jwks.json", views.key_set, name="lti-jwks"),
    path("window", views.window_pass, name="lti-window-pass"),
    path("window/<str:secret>", views.window, name="lti-window"),
    path("no-role", views.no_role_page, name="lti-no-role"),
    path("register", registration, name="lti-register"),
    path("deep-link", deep_link, name="lti-deep-link"),
    path("link/<int:link_id>", link_page, name="lti-link"),
    path("roster", roster, name="lti-roster"),
]
