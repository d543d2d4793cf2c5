"""The terminal in front of the playground."""
