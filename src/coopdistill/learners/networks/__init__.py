"""Networks: nets of skorch and bare modules of PyTorch."""
