"""What single libraries need beyond scikit-learn's interface: early stopping, seeds, categories of their own."""
