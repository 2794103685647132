"""Server-rendered pages: for residents without an account, and for the staff at work."""
