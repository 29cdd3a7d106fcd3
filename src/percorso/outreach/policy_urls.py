"""Addresses of the contact policy, and of the pages for whoever got a message."""

from django.urls import path

from percorso.outreach import policy_views, public_views

POLICY = "w/<slug:slug>/settings/contact/"
urlpatterns = [
    path(POLICY, policy_views.contact_policy, name="contact_policy"),
    path(POLICY + "change/", policy_views.change, name="contact_policy_change"),
    path(POLICY + "refusals/", policy_views.refusals, name="contact_policy_refusals"),
    path(POLICY + "suppressed/", policy_views.suppressions, name="contact_policy_suppressions"),
    path(POLICY + "suppressed/add/", policy_views.suppress, name="contact_policy_suppress"),
    path(POLICY + "suppressed/file/", policy_views.upload, name="contact_policy_file"),
    path(POLICY + "suppressed/<int:pk>/lift/", policy_views.take_off, name="contact_policy_lift"),
    path("u/<str:token>/", public_views.unsubscribe, name="unsubscribe"),
    path("u/<str:token>/preferences/", public_views.preferences, name="preferences"),
]
