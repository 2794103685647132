"""Learning models from labelled samples (extra `[learn]`, scikit-learn). Nothing that serves imports this package."""
