"""Baselines for networks of PyTorch: hints, relations between rows, and generators that teachers guide."""
