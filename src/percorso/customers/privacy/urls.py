"""Addresses of privacy."""

from django.urls import path

from percorso.customers.privacy import views

ONE, ALL = "w/<slug:slug>/customers/<customer:id>/privacy/", "w/<slug:slug>/settings/privacy/"

urlpatterns = [
    path(ONE, views.customer_privacy, name="customer_privacy"),
    path(f"{ONE}copy/", views.customer_copy, name="customer_copy"),
    path(f"{ONE}copy/<int:job>/", views.customer_copy_file, name="customer_copy_file"),
    path(f"{ONE}read/", views.customer_read, name="customer_read"),
    path(f"{ONE}erase/", views.customer_erase, name="customer_erase"),
    path(ALL, views.privacy, name="privacy"),
    path(f"{ALL}find/", views.privacy_find, name="privacy_find"),
    path(f"{ALL}erase/", views.privacy_erase, name="privacy_erase"),
    path(f"{ALL}copy/", views.privacy_copy, name="privacy_copy"),
    path(f"{ALL}lift/", views.privacy_lift, name="privacy_lift"),
    path(f"{ALL}schema/", views.privacy_schema, name="privacy_schema"),
    path(f"{ALL}receipts/<int:pk>/", views.privacy_receipt, name="privacy_receipt"),
    path(f"{ALL}receipts/<int:pk>/json/", views.privacy_receipt_json, name="privacy_receipt_json"),
]
