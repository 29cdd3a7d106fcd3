"""Addresses."""

from django.urls import URLPattern, path

from percorso.surveys.inviting import views

SEND = "w/<slug:slug>/surveys/<slug:survey>/send/"

urlpatterns: list[URLPattern] = [
    path(SEND, views.survey_send, name="survey_send"),
    path(SEND + "count/", views.survey_send_count, name="survey_send_count"),
    path(SEND + "letter/", views.survey_send_letter, name="survey_send_letter"),
    path(SEND + "<int:pk>/stop/", views.survey_send_stop, name="survey_send_stop"),
    path(SEND + "rules/new/", views.survey_rule_new, name="survey_rule_new"),
    path(SEND + "rules/<int:pk>/switch/", views.survey_rule_switch, name="survey_rule_switch"),
    path(SEND + "rules/<int:pk>/remove/", views.survey_rule_remove, name="survey_rule_remove"),
    path(SEND + "invitations/", views.survey_invitations, name="survey_invitations"),
    path(SEND + "invitations/<int:pk>/again/", views.survey_invitation_again, name="survey_invitation_again"),
    path(SEND + "invitations/<int:pk>/cancel/", views.survey_invitation_cancel, name="survey_invitation_cancel"),
]
