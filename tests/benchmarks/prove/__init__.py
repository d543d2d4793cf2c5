"""What takes too long for the test suite: many joins, many recipes, memory over many stories."""
