"""The project's routes with those of the demonstration."""

from django.urls import include, path

from fer_lms.urls import urlpatterns as always

urlpatterns = [path("demo/", include("fer_lms.demo.urls")), *always]
