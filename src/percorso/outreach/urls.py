"""Addresses."""

from django.urls import path

from percorso.outreach import channel_urls, policy_urls, views

WEBHOOKS = "w/<slug:slug>/settings/webhooks/"
urlpatterns = [
    *channel_urls.urlpatterns,
    *policy_urls.urlpatterns,
    path(WEBHOOKS, views.webhooks, name="settings_webhooks"),
    path(WEBHOOKS + "make/", views.make, name="settings_webhook_make"),
    path(WEBHOOKS + "<int:pk>/", views.webhook, name="settings_webhook"),
    path(WEBHOOKS + "<int:pk>/change/", views.change, name="settings_webhook_change"),
    path(WEBHOOKS + "<int:pk>/switch/", views.switch, name="settings_webhook_switch"),
    path(WEBHOOKS + "<int:pk>/secret/", views.change_secret, name="settings_webhook_secret"),
    path(WEBHOOKS + "<int:pk>/try/", views.try_it, name="settings_webhook_try"),
    path(WEBHOOKS + "<int:pk>/remove/", views.remove, name="settings_webhook_remove"),
    path(WEBHOOKS + "deliveries/<int:pk>/replay/", views.replay, name="settings_webhook_replay"),
]
