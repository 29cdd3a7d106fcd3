"""Who sends events, what arrives, whether it is as planned, and what was refused: pages and their REST interface."""
