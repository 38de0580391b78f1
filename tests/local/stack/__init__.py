"""The local stack as processes: what it starts it stops, and what fails is named."""
