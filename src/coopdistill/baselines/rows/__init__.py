"""Baselines that give a student more rows: others' own, or made up."""
