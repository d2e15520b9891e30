"""Reports about a counted run: what they hold, how they read, where they are kept."""
