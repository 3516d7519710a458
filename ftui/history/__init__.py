"""What earlier runs took and came to: kept for each repository, shared by its clones, read as typed records.

`History.open_for(root)` opens it, `history.runs()` and `history.samples(check)` read it, `comparable` tells which
samples may be measured by one another, and `Recorder` feeds it from the events of a run.
"""
