"""Tests of the built-in adapters, with the real tools on small real projects."""
