"""The address of the script."""

from django.urls import URLPattern, path

from percorso.sources.browser import views

urlpatterns: list[URLPattern] = [path("percorso.js", views.browser_script, name="browser_script")]
