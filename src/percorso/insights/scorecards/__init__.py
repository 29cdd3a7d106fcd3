"""Scorecards by the frameworks that teams use: pillars, each with the figures that speak for it, never an opinion."""
