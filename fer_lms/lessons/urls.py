from django.urls import path

from fer_lms.lessons import views

urlpatterns = [
    path("", views.home, name="home"),
    path("lessons/", views.lesson_list, name="lessons"),
    *(
        path(
            f"lessons/<int:lesson_id>/{page}/",
            views.lesson_page,
            {"template": f"lessons/{page}.html"},
            name=f"lesson-{page}",
        )
        for page in ("edit", "rules", "groups")
    ),
    path("me/", views.profile, name="profile"),
    path("support/", views.supported_learners, name="support"),
    path("support/<uuid:link_id>/", views.supported_learner, name="supported"),
    path("sessions/<uuid:session_id>/", views.lesson, name="lesson"),
    path("sessions/<uuid:session_id>/closed/", views.lesson_closed, name="lesson-closed"),
    path("sessions/<uuid:session_id>/me/", views.my_page, name="my-page"),
]
