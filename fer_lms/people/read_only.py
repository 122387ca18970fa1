"""Base classes of the administration: read-only rows, and rows that teachers must not see.

Somebody who administers the installation and also teaches would otherwise read there what the
reports never show: one learner's windows, hints or consents (docs/administrator/security.md).
"""

from collections.abc import Iterator
from typing import Any, ClassVar, TypeVar

from django.contrib import admin
from django.contrib.admin.options import InlineModelAdmin
from django.contrib.admin.views.main import ChangeList
from django.contrib.admin.widgets import AdminSplitDateTime
from django.core.exceptions import FieldDoesNotExist, PermissionDenied
from django.db.models import DateTimeField, Model
from django.forms import SplitDateTimeField
from django.forms.models import _get_foreign_key
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from fer_lms.people.models import User

ModelT = TypeVar("ModelT", bound=Model)
ParentT = TypeVar("ParentT", bound=Model)
TEACHER = "teacher"
"""Value of `lessons.models.Role`, which this app cannot import."""


def has_taught(request: HttpRequest) -> bool:
    """Return whether the user teaches a course, or ever did or joined a session as a teacher.

    The answer is stored on the request: the administration asks for every model.
    """
    known: bool | None = getattr(request, "has_taught", None)
    if known is None:
        known = _find_whether_taught(request)
        request.has_taught = known  # type: ignore[attr-defined]
    return known


def _find_whether_taught(request: HttpRequest) -> bool:
    user = request.user
    if not isinstance(user, User):
        return False
    enrolments, participations = user.enrolments, user.participations
    return bool(
        enrolments.filter(role=TEACHER).exists() or participations.filter(role=TEACHER).exists()
    )


class LabelledSplitDateTime(AdminSplitDateTime):
    """Names its two inputs: Django writes "Date:" and "Time:" beside them without a label."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        for widget, name in zip(self.widgets, (_("Date"), _("Time")), strict=True):
            widget.attrs["aria-label"] = name


class OwnFieldsAdmin(admin.ModelAdmin[ModelT]):
    """Labels date and time, and refuses filters over rows that refer to these.

    `?hints__isnull=0` would tell of hints.
    """

    formfield_overrides: ClassVar[Any] = {
        DateTimeField: {"form_class": SplitDateTimeField, "widget": LabelledSplitDateTime}
    }

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        try:
            field = self.model._meta.get_field(lookup.split("__")[0])
        except FieldDoesNotExist:
            return super().lookup_allowed(lookup, value, request)  # type: ignore[arg-type]
        if field.auto_created and not field.concrete:
            return False
        return super().lookup_allowed(lookup, value, request)  # type: ignore[arg-type]


class NotDeletedByTeachersAdmin(OwnFieldsAdmin[ModelT]):
    """Admin of rows that learners' rows refer to.

    The page that confirms a deletion names the kinds of rows that would be deleted as well, such as
    windows of a camera.
    """

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and not has_taught(request)


MAX_NEW_ROWS = 20


class BoundedInline(InlineModelAdmin[ModelT, ParentT]):
    """Inline rows, of which a form has those stored and at most `MAX_NEW_ROWS` more.

    Django renders as many rows as a form states to have, up to 2,000, which takes ten seconds;
    a hundred take one.
    """

    def get_formset(self, request: HttpRequest, obj: ParentT | None = None, **kwargs: Any) -> Any:
        stored = 0
        if obj is not None:
            key = _get_foreign_key(self.parent_model, self.model, fk_name=self.fk_name)
            stored = self.get_queryset(request).filter(**{key.name: obj}).count()
        most = stored + MAX_NEW_ROWS
        most = most if self.max_num is None else max(stored, min(most, self.max_num))
        return super().get_formset(
            request, obj, **(kwargs | {"max_num": most, "absolute_max": most})
        )


class ReadOnlyAdmin(OwnFieldsAdmin[ModelT]):
    """Admin of models that only the application writes: view, but no add, change or delete."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class LearnerDataAdmin(ReadOnlyAdmin[ModelT]):
    """Admin of rows about single learners: hidden from everybody who teaches.

    Lists, pages, histories, searches and actions all ask for this permission.
    """

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_view_permission(request, obj) and not has_taught(request)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Refuse before the row is looked up: Django's view would tell whether it exists."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return super().history_view(request, object_id, extra_context)


class NamedValuesFilter(admin.AllValuesFieldListFilter):
    """Filter by a text that may be empty, whose link would have no name."""

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        for choice in super().choices(changelist):
            yield {**choice, "display": choice["display"] or "-"}
