"""Contract ends as a file: many reports at once, each with the effect and the receipt of a single one."""
