"""What the benches stand on: made-up text, server processes, and the platform that loads them."""
