"""What people do, one event after the other: funnels and retention cohorts, computed by the engine."""
