"""Addresses of the pages that belong to no app: search, help, notices, jobs, components."""

from django.urls import path

from percorso.web.pages import components, find, guide, jobs, notices

urlpatterns = [
    path("help/", guide.help_page, name="help"),
    path("components/", components.components, name="components"),
    path("w/<slug:slug>/find/", find.find_page, name="find"),
    path("w/<slug:slug>/notices/", notices.notice_list, name="notices"),
    path("w/<slug:slug>/notices/read/", notices.read_all, name="notices_read"),
    path("w/<slug:slug>/notices/<int:pk>/", notices.open_notice, name="notice_open"),
    path("w/<slug:slug>/jobs/", jobs.job_list, name="jobs"),
    path("w/<slug:slug>/jobs/<int:pk>/progress/", jobs.progress, name="job_progress"),
    path("w/<slug:slug>/jobs/<int:pk>/stop/", jobs.stop, name="job_stop"),
    path("w/<slug:slug>/jobs/<int:pk>/repeat/", jobs.repeat, name="job_repeat"),
]
