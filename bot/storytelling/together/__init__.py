"""Stories that several people tell together: whose turn it is, deadlines, votes. Knows nothing of Discord."""
