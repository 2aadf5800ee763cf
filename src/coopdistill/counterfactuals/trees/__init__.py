"""Counterfactuals by the structure of trees."""
