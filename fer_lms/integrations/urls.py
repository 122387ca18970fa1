from django.urls import path

from fer_lms.integrations import views

urlpatterns = [
    path("api-access/", views.api_access, name="api-access"),
    path("api-access/tokens/", views.make_token, name="api-token-make"),
    path("api-access/tokens/<int:token_id>/revoke", views.end_token, name="api-token-revoke"),
    path("api-access/webhooks/", views.make_webhook, name="webhook-make"),
    path("api-access/webhooks/<uuid:webhook_id>/remove", views.end_webhook, name="webhook-remove"),
]
