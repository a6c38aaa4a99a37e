"""What both dialects have: declared here once, and taken from here by each."""
