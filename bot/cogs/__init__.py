"""What people can type and press: one file a feature."""
