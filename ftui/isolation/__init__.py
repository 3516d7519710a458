"""Names of their own for databases and files, so that runs of a check that go on side by side do not meet in one."""
