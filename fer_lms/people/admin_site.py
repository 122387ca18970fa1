"""The administration's site: lists by task, and deletions that are described in words."""

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse

from fer_lms.people.model_names import GROUPS, get_group

DEMO_ONLY = ("demo.demosession",)


class AdministrationSite(admin.AdminSite):
    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Return the lists by task (`GROUPS`); Django's own order for one app."""
        if app_label is not None:
            return super().get_app_list(request, app_label)
        groups: dict[str, list[Any]] = {slug: [] for slug in GROUPS}
        for app in self._build_app_dict(request).values():
            for row in app["models"]:
                label = row["model"]._meta.label_lower
                if settings.DEMO or label not in DEMO_ONLY:
                    groups[get_group(label)].append(row)
        url = reverse(f"{self.name}:index")
        return [
            {
                "name": title,
                "app_label": f"group-{slug}",
                "app_url": f"{url}#group-{slug}",
                "has_module_perms": True,
                "models": sorted(groups[slug], key=lambda row: str(row["name"]).lower()),
            }
            for slug, title in GROUPS.items()
            if groups[slug]
        ]


def describe_counts(counts: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    """Return (plural name, number) of rows by model label, such as `lessons.Participant`."""
    return sorted(
        (str(apps.get_model(label)._meta.verbose_name_plural), count) for label, count in counts
    )
