"""Distillation from one teacher or the average of many, and models that are trained further."""
