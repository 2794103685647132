"""The schema's history: one file a step, never changed after it has landed."""
