"""The structured log: what happened, one JSON object a line, with ids of run and check; rotated, without secrets."""
