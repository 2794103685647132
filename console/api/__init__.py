"""The API's handlers, one file a noun: each declares ROUTES."""
