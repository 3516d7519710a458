"""Runs a part of the tests ahead of all of them; see `parts`. As `ftui_pytest_report`, it stands alone."""
