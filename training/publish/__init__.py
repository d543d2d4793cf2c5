"""What a checkpoint needs to be shared."""
