"""How good a checkpoint is, in figures."""
