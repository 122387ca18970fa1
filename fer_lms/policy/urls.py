from django.urls import path

from fer_lms.policy import views

urlpatterns = [path("privacy/", views.privacy, name="privacy")]
