"""Addresses of customers."""

from django.urls import include, path, register_converter

from percorso.customers import consent_views, views
from percorso.customers.ids import CustomerId
from percorso.customers.timeline import views as timeline

register_converter(CustomerId, "customer")

urlpatterns = [
    path("w/<slug:slug>/customers/", views.customers, name="customers"),
    path("w/<slug:slug>/customers/<customer:id>/", timeline.customer, name="customer"),
    path("w/<slug:slug>/customers/<customer:id>/counts/", timeline.customer_counts, name="customer_counts"),
    path(
        "w/<slug:slug>/customers/<customer:id>/consent/",
        consent_views.customer_consent,
        name="customer_consent",
    ),
    path("", include("percorso.customers.identity.urls")),
    path("", include("percorso.customers.companies.urls")),
    path("", include("percorso.customers.privacy.urls")),
    path("", include("percorso.customers.segments.urls")),
    path("", include("percorso.customers.personas.urls")),
]
