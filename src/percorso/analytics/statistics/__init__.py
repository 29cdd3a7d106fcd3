"""Intervals, tests, weighting, survival and change: plain functions on arrays, without an engine."""
