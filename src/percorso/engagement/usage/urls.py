"""Addresses of the pages: how often customers come, and what they use."""

from django.urls import path

from percorso.engagement.usage import views

USAGE = "w/<slug:slug>/usage/"

urlpatterns = [
    path(USAGE, views.usage, name="usage"),
    path(USAGE + "<slug:table>.<slug:form>", views.usage_file, name="usage_file"),
    path(USAGE + "features/", views.features, name="usage_features"),
    path(USAGE + "features/choose/", views.features_choose, name="usage_features_choose"),
    path(USAGE + "features/<slug:table>.<slug:form>", views.features_file, name="usage_features_file"),
]
