"""The screen: what Textual shows of a run. Nothing outside this package knows Textual."""
