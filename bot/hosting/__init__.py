"""What whoever runs the bot does from the command line: look it over, copy, restore, count, delete."""
