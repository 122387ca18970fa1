from django.contrib import admin

from fer_lms.policy.models import DeploymentPolicy


@admin.register(DeploymentPolicy)
class DeploymentPolicyAdmin(admin.ModelAdmin[DeploymentPolicy]):
    list_display = ("kind", "permits_inference", "valid_from", "valid_until", "kept_days")
    list_filter = ("kind", "permits_inference")
