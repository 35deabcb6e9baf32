"""What the hot paths cost, as a multiple of the same work done by hand in the same run."""
