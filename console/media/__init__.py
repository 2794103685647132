"""Pictures of strangers, made safe to look at."""
