from django.urls import path

from fer_lms.lti.registration.views import registration
from fer_lms.lti.services.choice_views import deep_link
from fer_lms.lti.services.roster_views import roster

urlpatterns = [
    path("deep-link", deep_link, name="lti-deep-link"),
    path("register", registration, name="lti-register"),
    path("roster", roster, name="lti-roster"),
]
