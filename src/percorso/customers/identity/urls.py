"""Addresses of who is whom."""

from django.urls import path

from percorso.customers.identity import views

HERE = "w/<slug:slug>/identities/"
CUSTOMER = "w/<slug:slug>/customers/<customer:id>/"

urlpatterns = [
    path(HERE, views.identities, name="identities"),
    path(f"{HERE}decide/", views.identities_decide, name="identities_decide"),
    path(f"{HERE}decided/", views.identities_decided, name="identities_decided"),
    path(f"{HERE}decided/<int:pk>/undo/", views.identity_undo, name="identity_undo"),
    path(f"{HERE}claims/<int:pk>/", views.identity_claim, name="identity_claim"),
    path(f"{HERE}rules/", views.identities_rules, name="identities_rules"),
    path(f"{HERE}replay/", views.identities_replay, name="identities_replay"),
    path(f"{CUSTOMER}identities/", views.customer_identities, name="customer_identities"),
    path(f"{CUSTOMER}identities/split/", views.customer_split, name="customer_split"),
    path(f"{CUSTOMER}identities/split/preview/", views.customer_split_preview, name="customer_split_preview"),
    path(f"{CUSTOMER}merge/", views.customer_merge, name="customer_merge"),
]
