"""Prices and baskets."""
