from django.urls import path

from fer_lms.reports import views

urlpatterns = [
    path("sessions/<uuid:session_id>/report/", views.report, name="report"),
    path("sessions/<uuid:session_id>/live/", views.live_view, name="live-view"),
]
