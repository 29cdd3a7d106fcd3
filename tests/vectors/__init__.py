"""Runs test vectors through the product's own path: ``python -m tests.vectors FILE_OR_FOLDER…``."""
