"""From raw tables and texts to clean, labelled splits."""
