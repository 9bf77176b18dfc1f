"""What went wrong without anybody meaning it: begun and ended by facts, looked after and closed by people."""
