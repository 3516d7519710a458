"""The engine: selects, schedules and runs checks, and says all it does as events. It knows no front end."""
