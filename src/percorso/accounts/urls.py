"""Addresses of people, their accounts and the settings of a workspace."""

from django.urls import path

from percorso.accounts import settings_views, views

urlpatterns = [
    path("start/<str:token>/", views.start, name="start"),
    path("invitations/<str:token>/", views.accept_invitation, name="accept_invitation"),
    path("demo/", views.demo, name="demo"),
    path("me/", views.me, name="me"),
    path("me/sessions/<int:pk>/end/", views.session_end, name="session_end"),
    path("workspaces/new/", views.workspace_new, name="workspace_new"),
    path("w/<slug:slug>/settings/", settings_views.workspace_settings, name="settings"),
    path("w/<slug:slug>/settings/change/", settings_views.change, name="settings_change"),
    path("w/<slug:slug>/settings/people/", settings_views.people, name="settings_people"),
    path("w/<slug:slug>/settings/people/invite/", settings_views.invite, name="settings_invite"),
    path("w/<slug:slug>/settings/people/<int:pk>/role/", settings_views.role, name="settings_role"),
    path("w/<slug:slug>/settings/people/<int:pk>/remove/", settings_views.remove, name="settings_remove"),
    path("w/<slug:slug>/settings/invitations/<int:pk>/withdraw/", settings_views.withdraw, name="settings_withdraw"),
    path("w/<slug:slug>/settings/keys/", settings_views.keys, name="settings_keys"),
    path("w/<slug:slug>/settings/keys/make/", settings_views.make_key, name="settings_key_make"),
    path("w/<slug:slug>/settings/keys/<int:pk>/revoke/", settings_views.revoke_key, name="settings_key_revoke"),
    path("w/<slug:slug>/settings/audit/", settings_views.log, name="settings_audit"),
    path("w/<slug:slug>/settings/audit/csv/", settings_views.log_csv, name="settings_audit_csv"),
    path("w/<slug:slug>/settings/data/", settings_views.data, name="settings_data"),
]
