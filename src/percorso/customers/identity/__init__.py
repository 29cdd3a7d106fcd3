"""Who is whom: ids that sources use, and the customers that they are (decision record 18)."""
