"""What customers are worth and how long they stay: plain functions on arrays, and `facts`, which asks a store."""
