"""What Discord refuses: pure checks, each number with the page that it is from."""
