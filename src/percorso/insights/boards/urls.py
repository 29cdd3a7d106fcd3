"""Addresses of boards."""

from django.urls import path

from percorso.insights.boards import editing, views

BOARD = "w/<slug:slug>/boards/<slug:board>/"
CARD = BOARD + "cards/<slug:card>/"

urlpatterns = [
    path("w/<slug:slug>/boards/", views.boards, name="boards"),
    path("w/<slug:slug>/boards/new/", editing.new, name="boards_new"),
    path(BOARD, views.board, name="board"),
    path(BOARD + "wall/", views.wall, name="boards_wall"),
    path(BOARD + "edit/", editing.edit, name="boards_edit"),
    path(BOARD + "settings/", editing.settings, name="boards_settings"),
    path(BOARD + "copy/", editing.copy, name="boards_copy"),
    path(BOARD + "remove/", editing.remove, name="boards_remove"),
    path(BOARD + "arrange/", editing.arrange, name="boards_arrange"),
    path(BOARD + "cards/", editing.add, name="boards_add"),
    path(CARD, editing.card, name="boards_card"),
    path(CARD + "move/", editing.move, name="boards_move"),
    path(CARD + "remove/", editing.card_remove, name="boards_card_remove"),
    path(CARD + "download/<slug:form>/", views.download, name="boards_download"),
]
