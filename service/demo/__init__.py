"""Made-up data that look like a region at work, and how the demo gets ready to run."""
