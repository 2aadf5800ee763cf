"""Scores of differentiable models with their gradients, from a model's features to its classes."""
