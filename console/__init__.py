"""Pages of staff and residents, and the HTTP API. Empty until the pages come; the health page is its first room."""
