"""English is read all over the world: the month is a word, and the clock has 24 hours."""

DATE_FORMAT = "F j, Y"
SHORT_DATE_FORMAT = "M j, Y"
SHORT_DATETIME_FORMAT = "M j, Y, H:i"
DATETIME_FORMAT = "F j, Y, H:i"
TIME_FORMAT = "H:i"
