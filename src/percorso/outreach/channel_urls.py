"""Addresses of the channels."""

from django.urls import path

from percorso.outreach import channel_views as views

CHANNELS = "w/<slug:slug>/settings/channels/"
ONE = CHANNELS + "<slug:channel>/"
urlpatterns = [
    path(CHANNELS, views.channels, name="settings_channels"),
    path(ONE, views.channel, name="settings_channel"),
    path(ONE + "save/", views.save, name="settings_channel_save"),
    path(ONE + "switch/", views.switch, name="settings_channel_switch"),
    path(ONE + "secret/", views.change_secret, name="settings_channel_secret"),
    path(ONE + "try/", views.try_it, name="settings_channel_try"),
    path("returns/<slug:slug>/<slug:channel>/", views.returns, name="channel_returns"),
]
