"""Addresses of collection plans and of the calculator."""

from django.urls import path

from percorso.insights.plans import views

PLANS = "w/<slug:slug>/programme/plans/"
PLAN = PLANS + "<int:pk>/"
ITEM = PLAN + "items/<int:item>/"

urlpatterns = [
    path(PLANS, views.plans, name="plans"),
    path(PLANS + "new/", views.plan_new, name="plan_new"),
    path(PLAN, views.plan, name="plan"),
    path(PLAN + "change/", views.plan_change, name="plan_change"),
    path(PLAN + "remove/", views.plan_remove, name="plan_remove"),
    path(PLAN + "items/new/", views.item_new, name="plan_item_new"),
    path(ITEM, views.item, name="plan_item"),
    path(ITEM + "change/", views.item_change, name="plan_item_change"),
    path(ITEM + "remove/", views.item_remove, name="plan_item_remove"),
    path(ITEM + "customers/", views.customers, name="plan_customers"),
    path("w/<slug:slug>/programme/calculator/", views.calculator, name="calculator"),
]
