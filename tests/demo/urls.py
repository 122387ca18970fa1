"""The project's own addresses, and those that only a demonstration has."""

from django.urls import include, path

from fer_lms.urls import urlpatterns as always

urlpatterns = [path("demo/", include("fer_lms.demo.urls")), *always]
