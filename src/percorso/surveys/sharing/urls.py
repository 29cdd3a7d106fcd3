"""Addresses of links, codes, the widget and the kiosk."""

from django.urls import URLPattern, path

from percorso.surveys.sharing import kiosk_views, site, views

SHARE = "w/<slug:slug>/surveys/<slug:survey>/share/"

urlpatterns: list[URLPattern] = [
    path("w.js", site.widget_script, name="widget_script"),
    path("s/<str:key>/widget.js", site.survey_widget, name="survey_widget"),
    path("s/<str:key>/kiosk/", kiosk_views.survey_kiosk, name="survey_kiosk"),
    path("s/<str:key>/kiosk/answers/", kiosk_views.survey_kiosk_answers, name="survey_kiosk_answers"),
    path("s/<str:key>/kiosk/worker.js", kiosk_views.survey_kiosk_worker, name="survey_kiosk_worker"),
    path(SHARE, views.survey_share, name="survey_share"),
    path(SHARE + "secret/", views.survey_share_secret, name="survey_share_secret"),
    path(SHARE + "code.<str:form>", views.survey_share_code, name="survey_share_code"),
    path(SHARE + "poster/", views.survey_share_poster, name="survey_share_poster"),
    path(SHARE + "preview/", views.survey_share_preview, name="survey_share_preview"),
]
