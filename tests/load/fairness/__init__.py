"""Nobody can hold the queue: who gets which turn where one asks for much."""
