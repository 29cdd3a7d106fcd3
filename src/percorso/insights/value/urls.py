"""Addresses of the pages about customers' value."""

from django.urls import path

from percorso.insights.value import views

VALUE = "w/<slug:slug>/value/"

urlpatterns = [
    path(VALUE, views.rfm, name="value"),
    path(VALUE + "customers/<slug:segment>/", views.customers, name="value_customers"),
    path(VALUE + "staying/", views.staying, name="value_staying"),
    path(VALUE + "forecast/", views.forecast, name="value_forecast"),
    path(VALUE + "loop/", views.loop, name="value_loop"),
    path(VALUE + "loop/table/", views.loop_file, name="value_loop_file"),
    path(VALUE + "forecast/start/", views.start, name="value_forecast_start"),
]
