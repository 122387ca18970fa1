from django.urls import path

from fer_lms.demo import views

app_name = "demo"
urlpatterns = [
    path("", views.entry_page, name="entry"),
    path("enter", views.enter, name="enter"),
    path("support", views.enter_support, name="support"),
]
