"""Federated distillation: models that learn from each other's answers about rows."""
