"""What counts as up to date: signatures, fingerprints, keys and stored results."""
