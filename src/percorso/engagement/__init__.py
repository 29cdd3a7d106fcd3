"""How customers use the product: how often they come, what they use, which ways they take, what slows them down."""
