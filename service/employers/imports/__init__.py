"""The contract register as a file: what an HR system knows of its employments, taken over at night or at once."""
