"""What recorded runs say about other settings: simulations of the real schedule, and advice."""
