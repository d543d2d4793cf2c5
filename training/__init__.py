"""Collect and prepare plots, make the checkpoint that storygen loads, and measure it."""
