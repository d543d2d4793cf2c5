"""How stories are written: engines behind the one protocol of storygen.engine."""
