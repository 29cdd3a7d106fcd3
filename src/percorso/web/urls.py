"""All addresses."""

from django.urls import include, path

from percorso.surveys.urls import public as respondents

urlpatterns = [
    path("", include(respondents)),
    path("language/", include("django.conf.urls.i18n")),
    path("accounts/", include("allauth.urls")),
    path("", include("percorso.accounts.urls")),
    path("", include("percorso.base.urls")),
    path("", include("percorso.web.pages.urls")),
    path("", include("percorso.customers.urls")),
    path("", include("percorso.outreach.urls")),
    path("", include("percorso.sources.urls")),
    path("", include("percorso.surveys.urls")),
    path("", include("percorso.insights.urls")),
    path("", include("percorso.engagement.urls")),
    path("", include("percorso.web.health")),
    path("api/v1/", include("percorso.web.api")),
]

handler500 = "percorso.base.errors.server_error"
