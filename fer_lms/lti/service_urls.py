from django.urls import path

from fer_lms.lti.choice_views import deep_link
from fer_lms.lti.registration_views import registration
from fer_lms.lti.roster_views import roster

urlpatterns = [
    path("deep-link", deep_link, name="lti-deep-link"),
    path("register", registration, name="lti-register"),
    path("roster", roster, name="lti-roster"),
]
