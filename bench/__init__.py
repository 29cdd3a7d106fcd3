"""Measured comparisons: ``make bench`` prints tables of ratios, all measured in one run on this machine."""
