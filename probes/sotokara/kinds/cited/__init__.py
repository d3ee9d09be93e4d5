"""Kind ``cited``: what others have measured and published, read and kept, never called ours."""
