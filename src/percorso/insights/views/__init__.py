"""The pages of figures: overview, catalogue, one indicator, the rows behind it, downloads."""
