"""Collection plans: what shall be measured, of whom, how many answers that takes, and who has not been heard."""
