"""The same rows as everywhere, as tables: Arrow in memory, Parquet on disk, SQL over both. Needs the extra `tables`."""
