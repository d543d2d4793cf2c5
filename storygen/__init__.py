"""Turn a genre and a prompt into a story: knows nothing of Discord, databases or .env files."""
