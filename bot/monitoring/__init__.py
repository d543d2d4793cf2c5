"""For whoever runs the bot: what it counts and measures, and whether it is well, over HTTP. Off by default."""
