"""Reports: boards that are sent on a schedule, each issue kept as it was made."""
