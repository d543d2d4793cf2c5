"""What people are told about what is stored of them, and the files in which they get it."""
