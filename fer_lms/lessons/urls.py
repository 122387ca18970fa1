from django.urls import path

from fer_lms.lessons import views

urlpatterns = [
    path("", views.home, name="home"),
    path("lessons/", views.lesson_list, name="lessons"),
    path("lessons/<int:lesson_id>/edit/", views.edit_lesson, name="lesson-edit"),
    path("lessons/<int:lesson_id>/rules/", views.lesson_rules, name="lesson-rules"),
    path("lessons/<int:lesson_id>/groups/", views.lesson_groups, name="lesson-groups"),
    path("me/", views.profile, name="profile"),
    path("support/", views.support, name="support"),
    path("support/<uuid:link_id>/", views.supported, name="supported"),
    path("sessions/<uuid:session_id>/", views.lesson, name="lesson"),
    path("sessions/<uuid:session_id>/me/", views.my_page, name="my-page"),
]
