"""What the city knows: words, places, entries, and how a sentence finds them."""
