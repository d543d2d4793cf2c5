"""Stand-ins that run real code: small models, small servers. Each has its own test."""
