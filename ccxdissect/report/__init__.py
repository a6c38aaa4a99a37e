"""The report: one HTML page that holds a capture's story, with pictures, and works from the disk without a network."""
