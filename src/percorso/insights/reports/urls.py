"""Addresses of reports."""

from django.urls import path

from percorso.insights.reports import views

REPORT = "w/<slug:slug>/reports/<int:pk>/"
ISSUE = "w/<slug:slug>/reports/issues/<int:pk>/"

urlpatterns = [
    path("w/<slug:slug>/reports/", views.report_list, name="boards_reports"),
    path("w/<slug:slug>/reports/new/", views.report_new, name="boards_report_new"),
    path(REPORT, views.report, name="boards_report"),
    path(REPORT + "settings/", views.report_change, name="boards_report_change"),
    path(REPORT + "preview/", views.preview, name="boards_report_preview"),
    path(REPORT + "pdf/", views.preview_pdf, name="boards_report_pdf"),
    path(REPORT + "send/", views.send, name="boards_report_send"),
    path(REPORT + "remove/", views.report_remove, name="boards_report_remove"),
    path(ISSUE, views.issue, name="boards_issue"),
    path(ISSUE + "pdf/", views.issue_pdf, name="boards_issue_pdf"),
    path(ISSUE + "again/", views.issue_again, name="boards_issue_again"),
    path("reports/leave/<str:token>/", views.leave, name="boards_report_leave"),
]
