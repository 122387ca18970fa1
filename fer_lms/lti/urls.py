from django.urls import include, path

from fer_lms.lti.launch import views

urlpatterns = [
    path("", include("fer_lms.lti.services.urls")),
    path("login", views.login, name="lti-login"),
    path("launch", views.launch, name="lti-launch"),
    path("jwks.json", views.key_set, name="lti-jwks"),
    path("window", views.window_pass, name="lti-window-pass"),
    path("window/<str:secret>", views.window, name="lti-window"),
    path("no-role", views.no_role, name="lti-no-role"),
]
