"""The panes of the screen, each of which stands alone."""
