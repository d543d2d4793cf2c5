"""The Discord face: answers in time, remembers, and shows."""
