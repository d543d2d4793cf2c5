"""What Discord's own client does with what a person types and presses, before a bot hears of it."""
