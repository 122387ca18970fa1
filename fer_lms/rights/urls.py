from django.urls import path

from fer_lms.rights import platform_views, views

urlpatterns = [
    path("my-data/", views.my_data, name="my-data"),
    path("my-data/export.json", views.my_data_file, {"form": "json"}, name="my-data-json"),
    path("my-data/export.html", views.my_data_file, {"form": "page"}, name="my-data-page"),
    path("my-data/erase", views.erase_me, name="erase-me"),
    path("retention/", views.retention, name="retention"),
    path(
        "api/v1/platform/export",
        platform_views.PlatformExportView.as_view(),
        name="platform-export",
    ),
    path(
        "api/v1/platform/erase", platform_views.PlatformErasureView.as_view(), name="platform-erase"
    ),
]
