"""From prepared splits to a checkpoint."""
