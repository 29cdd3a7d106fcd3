"""Addresses of goals and benchmarks."""

from django.urls import path

from percorso.insights.goals import views

PROGRAMME = "w/<slug:slug>/programme/"
BENCHMARKS = PROGRAMME + "benchmarks/"

urlpatterns = [
    path(PROGRAMME, views.goals, name="goals"),
    path(PROGRAMME + "goals/new/", views.goal_new, name="goal_new"),
    path(PROGRAMME + "goals/<int:pk>/", views.goal, name="goal"),
    path(PROGRAMME + "goals/<int:pk>/change/", views.goal_change, name="goal_change"),
    path(PROGRAMME + "goals/<int:pk>/remove/", views.goal_remove, name="goal_remove"),
    path(BENCHMARKS, views.benchmarks, name="benchmarks"),
    path(BENCHMARKS + "new/", views.benchmark_new, name="benchmark_new"),
    path(BENCHMARKS + "<int:pk>/", views.benchmark_change, name="benchmark_change"),
    path(BENCHMARKS + "<int:pk>/remove/", views.benchmark_remove, name="benchmark_remove"),
]
