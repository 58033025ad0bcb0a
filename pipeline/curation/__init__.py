"""Tools for whoever keeps the vocabulary: check, repair, look up, count, import and export."""
