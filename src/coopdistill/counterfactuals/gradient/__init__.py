"""Counterfactuals by derivatives."""
