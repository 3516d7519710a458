"""Front ends without a screen: text, JSON, NDJSON, JUnit and GitHub annotations."""
