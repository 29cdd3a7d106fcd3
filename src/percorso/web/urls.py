"""All addresses."""

from django.urls import include, path

urlpatterns = [
    path("language/", include("django.conf.urls.i18n")),
    path("", include("percorso.insights.urls")),
]

handler500 = "percorso.base.errors.server_error"
