"""The script by which sites tell what their visitors do."""
