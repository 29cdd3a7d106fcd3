"""Addresses of customers."""

from django.urls import include, path, register_converter

from percorso.customers import consent_views, views
from percorso.customers.ids import CustomerId

register_converter(CustomerId, "customer")

urlpatterns = [
    path("w/<slug:slug>/customers/", views.customers, name="customers"),
    path("w/<slug:slug>/customers/<customer:id>/", views.customer, name="customer"),
    path(
        "w/<slug:slug>/customers/<customer:id>/consent/",
        consent_views.customer_consent,
        name="customer_consent",
    ),
    path("", include("percorso.customers.segments.urls")),
    path("", include("percorso.customers.personas.urls")),
]
