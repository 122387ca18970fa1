from typing import Any

from django import template

from fer_lms.operations.first_steps import list_first_steps

register = template.Library()


@register.inclusion_tag("admin/first_steps.html", takes_context=True)
def first_steps(context: template.Context) -> dict[str, Any]:
    """Show the first steps of an installation until all are done, to those who may sign."""
    user = context["request"].user
    steps = list_first_steps() if user.has_perm("policy.view_deploymentpolicy") else []
    return {"steps": steps if not all(step.is_done for step in steps) else []}
