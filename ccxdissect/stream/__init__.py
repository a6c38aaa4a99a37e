"""TCP segments -> bytes in order -> message frames -> messages. No I/O: fed by capture/, says what it lost."""
