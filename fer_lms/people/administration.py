"""Django's administration with this project's site."""

from django.contrib.admin.apps import AdminConfig


class AdministrationConfig(AdminConfig):
    default_site = "fer_lms.people.admin_site.AdministrationSite"
