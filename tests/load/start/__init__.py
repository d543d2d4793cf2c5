"""How long a bot takes to start."""
