from django.urls import path

from fer_lms.consent import views

urlpatterns = [
    path("guardian/take-back/<str:token>/", views.guardian_withdraw, name="guardian-withdraw"),
    path("guardian/<str:token>/", views.guardian_answer, name="guardian"),
]
