"""How good understanding is, measured on labelled files: pure, no database, the very code that serves. `jieying evaluate` prints it."""
