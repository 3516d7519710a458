"""ftui watches a working tree, reruns the checks an edit affects, and says what each cost and why it ran."""

__version__ = "0.1.0"
