"""The few ways in which figures are made of parts: share, net share, mean, ratio, durations, state."""
