"""``storybot doctor``: looks the bot over before it is run, and says what to mend."""
