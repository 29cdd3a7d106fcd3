"""Addresses of companies."""

from django.urls import path

from percorso.customers.companies import views

HERE = "w/<slug:slug>/companies/"

urlpatterns = [
    path(HERE, views.companies, name="companies"),
    path(f"{HERE}<customer:key>/", views.company, name="company"),
    path(f"{HERE}<customer:key>/figures/", views.company_figures, name="company_figures"),
    path(f"{HERE}<customer:key>/place/", views.company_place, name="company_place"),
]
